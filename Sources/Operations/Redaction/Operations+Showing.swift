internal import Messages
internal import Store

extension Operations {
    /// What a workspace masks.
    func redaction(workspaceID: String) async throws(OperationError) -> WorkspaceRedaction {
        let found = try await redactions.value(workspaceID) { () async throws(OperationError) in
            WorkspaceRedaction(try await settings(workspaceID: workspaceID))
        }
        return found ?? WorkspaceRedaction(WorkspaceSettings())
    }

    /// How what a call reads is shown.
    /// - Parameters:
    ///   - triggers: of the executions that are read.
    ///   - object: what is revealed, for the audit log.
    /// - Throws: `.permissionDenied` where it asks for REVEAL, the policy masks one of them, and the
    ///   caller lacks the permission. Granted or not, that is audited.
    func showing(
        _ mode: RedactionMode, _ caller: Caller, _ grant: Authoriser.Grant,
        triggers: [TriggerKind] = [], object: String = ""
    ) async throws(OperationError) -> Showing {
        let workspace = try await redaction(workspaceID: grant.workspaceID)
        if mode == .reveal, triggers.contains(where: { workspace.covers($0) }) {
            let reveal = try await authorise(
                .reveal, caller, workspaceID: grant.workspaceID, podID: grant.podID ?? "")
            await record(reveal, object)
        }
        return Showing(workspace: workspace, mode: mode, canReveal: mayReveal(grant))
    }

    /// How the answer of a change is shown: as the policy says. To be asked for before the change is
    /// made, so that its answer cannot fail for it.
    func showing(_ grant: Authoriser.Grant) async throws(OperationError) -> Showing {
        Showing(
            workspace: try await redaction(workspaceID: grant.workspaceID), mode: .unspecified,
            canReveal: mayReveal(grant))
    }

    private func mayReveal(_ grant: Authoriser.Grant) -> Bool {
        guard case .role(let needed) = OperationName.reveal.access else { return false }
        return Authoriser.permits(grant.role, needed) && grant.onlyExecutionID == nil
    }
}
