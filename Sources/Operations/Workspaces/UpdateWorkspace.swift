package import Messages
internal import Store

extension Operations {
    /// Changes a workspace's name. Needs admin in it.
    package func updateWorkspace(_ request: UpdateWorkspaceRequest, by caller: Caller)
        async throws(OperationError) -> Workspace
    {
        let grant = try await authorise(
            .updateWorkspace, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("name", request.name, bytesMax: 256, isNeeded: true)
        try check.finish()
        let id = grant.workspaceID
        let refusal = try await committing(
            [.access(.renameWorkspace(id, name: request.name))], grant, "workspace \(id)")
        guard refusal == nil else {
            throw .notFound("workspace", id, reason: "WORKSPACE_NOT_FOUND")
        }
        directory.changed()
        return try await workspace(grant)
    }
}
