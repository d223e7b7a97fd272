internal import Engine
internal import Logging
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// The audit log's writers.
extension Operations {
    /// Commits changes and their entry in the audit log; a refusal is returned for the operation to
    /// explain, and leaves no entry.
    /// - Parameter object: what is changed, for example `workflow order`.
    func committing(_ changes: [Change], _ grant: Authoriser.Grant, _ object: String)
        async throws(OperationError) -> CommitOutcome.Refusal?
    {
        try await committing(changes + [entry(grant, object, outcome: "OK")])
    }

    /// Runs a change of the engine, and adds its entry to the audit log once it is committed.
    func engaging<Result>(
        _ grant: Authoriser.Grant, _ object: String,
        _ body: () async throws(EngineError) -> Result
    ) async throws(OperationError) -> Result {
        let result = try await engaging(body)
        await record(grant, object)
        return result
    }

    /// Adds an entry by itself: for what the engine has committed, or what was refused. That it
    /// cannot be written is logged, and no reason to fail what it is about.
    func record(_ grant: Authoriser.Grant, _ object: String, outcome: String = "OK") async {
        let commit = Commit([entry(grant, object, outcome: outcome)])
        do throws(StoreError) {
            let result = try await committer.commit(commit, admission: .accepted)
            if case .committed = result { return }
            logger.error("an audit entry was not written", metadata: ["outcome": "\(result)"])
        } catch {
            logger.error("an audit entry was not written", metadata: ["error": "\(error)"])
        }
    }

    private func entry(_ grant: Authoriser.Grant, _ object: String, outcome: String) -> Change {
        let now = environment.now()
        // What is about workspaces themselves must be found after they are gone.
        let workspaceID =
            grant.operation?.access == .serverAdmin
            ? Authoriser.defaultWorkspaceID : grant.workspaceID
        return .access(
            .audit(
                AuditEntry(
                    workspaceID: workspaceID, time: now.timestamp, principal: grant.principal.name,
                    origin: grant.origin, operation: grant.operation?.rawValue ?? "",
                    object: object, outcome: outcome),
                keep: limits.auditEntriesMax,
                since: now.advanced(by: .zero - limits.auditRetention)))
    }
}
