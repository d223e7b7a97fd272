internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

/// What serves the calls of the automation dialect, one file each.
struct AutomationCalls: Sendable {
    let operations: Operations

    /// States that are not final, newest first.
    static let activeStates = [
        StateFilter(status: .queued), StateFilter(status: .running),
        StateFilter(status: .suspended),
    ]

    /// The execution that a call is about: the one it names, else the newest of those in `states`;
    /// nil: there is none.
    func execution(
        _ name: String?, in states: [StateFilter], _ caller: Caller
    ) async throws -> Execution? {
        if let name {
            return try await operations.getExecution(
                GetExecutionRequest(executionID: ExecutionName.reference(name)), by: caller)
        }
        let newest = try await operations.listExecutions(
            ListExecutionsRequest(filter: ExecutionFilter(states: states), pageSize: 1),
            by: caller)
        guard let first = newest.executions.first else { return nil }
        return try await operations.getExecution(
            GetExecutionRequest(executionID: first.id), by: caller)
    }
}

extension BridgeRequest {
    /// The `executionId` of a body that may hold nothing else of interest.
    func executionName() async throws -> String? {
        var fields = BodyFields(try await json())
        let name = fields.string("executionId")
        try fields.finish()
        return name
    }
}

extension Answer {
    /// `{"success", "message"}` and what follows.
    static func automation(
        _ message: String, success: Bool = true, status: HTTPResponse.Status = .ok,
        code: String? = nil, _ more: (inout JSONWriter) -> Void = { _ in }
    ) -> Answer {
        .json(status: status) { json in
            json.object { json in
                json.member("success", success)
                json.member("message", message)
                more(&json)
                if let code { json.member("code", code) }
            }
        }
    }

    /// Nothing to act on.
    static func automationIdle(_ status: HTTPResponse.Status) -> Answer {
        .automation(
            "No execution running", success: false, status: status, code: "NO_EXECUTION_RUNNING")
    }
}
