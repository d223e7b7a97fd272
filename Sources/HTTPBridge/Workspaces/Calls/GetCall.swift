internal import Messages
internal import Operations

extension WorkspacesCalls {
    func get(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        return .workspaces(
            try await operations.getExecution(
                GetExecutionRequest(
                    workspaceID: at.workspaceID, podID: at.podID,
                    executionID: try request.executionReference, view: .full), by: at.caller))
    }
}
