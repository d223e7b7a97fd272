internal import Engine
package import Messages
internal import Model
internal import Store

extension Operations {
    /// Deletes an empty workspace with its pods, tokens and members. Needs a server admin.
    package func deleteWorkspace(_ request: DeleteWorkspaceRequest, by caller: Caller)
        async throws(OperationError) -> DeleteWorkspaceResponse
    {
        let grant = try await authorise(
            .deleteWorkspace, caller, workspaceID: request.workspaceID)
        guard !request.workspaceID.isEmpty else {
            throw .invalid("workspace_id", "expected the workspace to delete, got none")
        }
        let id = grant.workspaceID
        guard id != Authoriser.defaultWorkspaceID else {
            throw OperationError(
                .failedPrecondition, reason: "WORKSPACE_NEEDED",
                "the workspace 'default' is the server's own and stays")
        }
        let refusal = try await committing(
            [.access(.deleteWorkspace(id, at: environment.now()))], grant, "workspace \(id)")
        switch refusal {
        case nil:
            directory.changed()
            tokens.changed()
            engine.workers.workspaceDeleted(id)
            return DeleteWorkspaceResponse()
        case .notEmpty:
            throw OperationError(
                .failedPrecondition, reason: "WORKSPACE_NOT_EMPTY",
                "the workspace '\(id)' has workflows or executions; erase them first")
        case .some:
            throw .notFound("workspace", request.workspaceID, reason: "WORKSPACE_NOT_FOUND")
        }
    }
}
