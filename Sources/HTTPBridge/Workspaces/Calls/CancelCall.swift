internal import HTTPTypes
internal import Messages
internal import Operations

extension WorkspacesCalls {
    /// `DELETE` cancels here; in another dialect it erases.
    func cancel(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request, isEditor: true)
        _ = try await operations.cancelExecution(
            CancelExecutionRequest(
                workspaceID: at.workspaceID, podID: at.podID,
                executionID: try request.executionReference), by: at.caller)
        return .empty(.noContent)
    }
}
