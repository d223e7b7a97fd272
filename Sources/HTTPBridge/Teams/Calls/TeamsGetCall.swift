internal import JSON
internal import Messages
internal import Operations

extension TeamsCalls {
    func get(_ request: BridgeRequest) async throws -> Answer {
        let id = try Self.executionID(request)
        let execution = try await Self.inTeam {
            try await operations.getExecution(
                GetExecutionRequest(
                    workspaceID: try Self.team(request), executionID: id, view: .full),
                by: request.caller)
        }
        return .json { TeamsShapes.writeDetail(execution, to: &$0) }
    }
}
