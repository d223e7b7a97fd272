package import Messages

extension Operations {
    /// Returns a workspace. Needs viewer in it.
    package func getWorkspace(_ request: GetWorkspaceRequest, by caller: Caller)
        async throws(OperationError) -> Workspace
    {
        try await workspace(
            try await authorise(.getWorkspace, caller, workspaceID: request.workspaceID))
    }

    /// The granted workspace.
    func workspace(_ grant: Authoriser.Grant) async throws(OperationError) -> Workspace {
        guard let workspace = try await directory.workspace(grant.workspaceID) else {
            throw .notFound("workspace", grant.workspaceID, reason: "WORKSPACE_NOT_FOUND")
        }
        return workspace
    }
}
