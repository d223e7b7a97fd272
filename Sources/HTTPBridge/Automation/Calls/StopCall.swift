internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension AutomationCalls {
    func stop(_ request: BridgeRequest) async throws -> Answer {
        try await operations.admit(request.caller, to: .cancel)
        let name = try await request.executionName()
        guard
            let execution = try await execution(name, in: Self.activeStates, request.caller)
        else { return .automationIdle(.ok) }
        let stopped = try await operations.cancelExecution(
            CancelExecutionRequest(executionID: execution.id), by: request.caller)
        return .automation("Execution stopped") { json in
            json.member("executionId", ExecutionName.execution(stopped.number))
            json.member("wasRunning", execution.status != .queued)
            json.member("wasQueued", execution.status == .queued)
        }
    }
}
