internal import HTTPTypes
internal import Messages
internal import Operations

extension TeamsCalls {
    func cancel(_ request: BridgeRequest) async throws -> Answer {
        let id = try Self.executionID(request)
        _ = try await Self.inTeam {
            try await operations.cancelExecution(
                CancelExecutionRequest(workspaceID: try Self.team(request), executionID: id),
                by: request.caller)
        }
        return .empty(.ok)
    }
}
