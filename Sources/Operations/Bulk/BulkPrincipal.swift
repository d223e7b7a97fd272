internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Whom a bulk operation runs as.
extension Operations {
    /// The principal that was recorded, or, of an operation that was started before that was done, the
    /// one that its name tells for sure: a token of that name that there has been since, or a member
    /// of the workspace.
    /// - Throws: `.failedPrecondition`, PRINCIPAL_UNRECORDED, where nothing tells.
    func principal(of row: BulkRow) async throws(OperationError) -> Principal {
        if let recorded = row.principal { return recorded }
        let operation = row.operation
        let name = operation.startedBy
        if let principal = try await token(named: name, of: operation) { return principal }
        if try await directory.member(name, workspaceID: operation.workspaceID) != nil {
            return Principal(name: name)
        }
        throw OperationError(
            .failedPrecondition, reason: "PRINCIPAL_UNRECORDED",
            "it was started by an older version, which did not record as whom it runs, and "
                + "\(OperationError.shown(name)) does not tell; start another with the same filter")
    }

    private func token(named name: String, of operation: BulkOperation)
        async throws(OperationError) -> Principal?
    {
        let prefix = "token:"
        guard name.hasPrefix(prefix) else { return nil }
        // A token of another workspace: `token:default/ci`.
        let parts = name.dropFirst(prefix.count).split(separator: "/", maxSplits: 1)
        guard let last = parts.last else { return nil }
        let workspaceID = parts.count == 2 ? String(parts[0]) : operation.workspaceID
        let found = try await reading { () async throws(StoreError) in
            try await store.access.token(String(last), workspaceID: workspaceID)
        }
        // One that was made later is another's. Of tokens that are not revoked, each has its own name.
        guard let token = found?.token, token.name == last, token.revokeTime == nil,
            let made = token.createTime, let started = operation.startTime,
            WallTime(made) <= WallTime(started)
        else { return nil }
        return Principal(name: name, workspaceID: workspaceID, role: token.role, tokenID: token.id)
    }
}
