package import Messages
internal import Store

extension Operations {
    /// Returns a workspace's settings. Needs viewer.
    package func getSettings(_ request: GetSettingsRequest, by caller: Caller)
        async throws(OperationError) -> WorkspaceSettings
    {
        let grant = try await authorise(.getSettings, caller, workspaceID: request.workspaceID)
        return try await settings(workspaceID: grant.workspaceID)
    }

    /// The settings of a workspace, for operations that apply them.
    func settings(workspaceID: String) async throws(OperationError) -> WorkspaceSettings {
        try await reading { () async throws(StoreError) in
            try await store.access.settings(workspaceID: workspaceID)
        }
    }
}
