internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension AutomationCalls {
    /// States of executions that a breakpoint or a pause holds.
    private static let pausedStates = [
        StateFilter(status: .suspended, reason: .breakpoint),
        StateFilter(status: .suspended, reason: .pause),
    ]

    func continueExecution(_ request: BridgeRequest) async throws -> Answer {
        try await operations.admit(request.caller, to: .pauseControl)
        return try await control(
            .continue, try await request.executionName(), "Execution continued", request.caller)
    }

    func pauseControl(_ request: BridgeRequest) async throws -> Answer {
        try await operations.admit(request.caller, to: .pauseControl)
        var fields = BodyFields(try await request.json())
        let word = fields.string("action", isNeeded: true) ?? ""
        let name = fields.string("executionId")
        try fields.finish()
        guard let action = AutomationWords.pauseActions.values(of: word).first else {
            throw Fault(
                .badRequest, code: "INVALID_ARGUMENT", "Invalid action: \(word.prefix(64))")
        }
        let message =
            switch action {
            case .skip: "Node will be skipped"
            case .stop: "Execution stopped"
            case .continueWithoutBreakpoint: "Execution continued without breakpoint"
            default: "Execution continued"
            }
        return try await ofRunning {
            try await control(action, name, message, request.caller)
        }
    }

    /// What these two calls say of an execution that is not there, or no longer: there is nothing that
    /// would take the order.
    private func ofRunning(_ body: () async throws -> Answer) async throws -> Answer {
        do {
            return try await body()
        } catch {
            guard let refusal = error as? OperationError,
                ["EXECUTION_NOT_FOUND", "EXECUTION_FINAL"].contains(refusal.reason)
            else { throw error }
            throw Fault(.badRequest, code: refusal.reason, "Execution executor not available")
        }
    }

    private func control(
        _ action: PauseAction, _ name: String?, _ message: String, _ caller: Caller
    ) async throws -> Answer {
        guard let execution = try await execution(name, in: Self.pausedStates, caller) else {
            guard try await self.execution(nil, in: Self.activeStates, caller) == nil else {
                throw Self.notPaused("NOT_PAUSED")
            }
            return .automationIdle(.badRequest)
        }
        do throws(OperationError) {
            let controlled = try await operations.pauseControl(
                PauseControlRequest(executionID: execution.id, action: action), by: caller)
            return .automation(message) { json in
                json.member("executionId", ExecutionName.execution(controlled.number))
            }
        } catch {
            guard Self.notPausedReasons.contains(error.reason) else { throw error }
            throw Self.notPaused(error.reason)
        }
    }

    private static func notPaused(_ code: String) -> Fault {
        Fault(.badRequest, code: code, "Execution is not paused")
    }

    /// What the operation says of an execution that no breakpoint and no pause holds.
    private static let notPausedReasons = [
        "NOT_PAUSED", "INTERRUPT_NEEDS_ANSWER", "EXECUTION_FINAL", "NOT_SUSPENDED",
    ]

    func traceLogs(_ request: BridgeRequest) async throws -> Answer {
        try await operations.admit(request.caller, to: .setTraceLogs)
        var fields = BodyFields(try await request.json())
        let isEnabled = fields.bool("enabled", isNeeded: true) ?? false
        let name = fields.string("executionId")
        try fields.finish()
        return try await ofRunning {
            guard
                let execution = try await execution(name, in: Self.activeStates, request.caller)
            else { return .automationIdle(.badRequest) }
            _ = try await operations.setTraceLogs(
                SetTraceLogsRequest(executionID: execution.id, enabled: isEnabled),
                by: request.caller)
            return .automation("Trace logs \(isEnabled ? "enabled" : "disabled")")
        }
    }
}
