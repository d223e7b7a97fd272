internal import JSON
internal import Messages
internal import Operations

extension AutomationCalls {
    func status(_ request: BridgeRequest) async throws -> Answer {
        try await status(of: try request.path("executionId"), request.caller)
    }

    /// By query, or of the most recent.
    func statusByQuery(_ request: BridgeRequest) async throws -> Answer {
        try await status(of: request.query.first("executionId"), request.caller)
    }

    private func status(of name: String?, _ caller: Caller) async throws -> Answer {
        guard let execution = try await execution(name, in: [], caller) else {
            return .json(["executionId": "", "status": .string(AutomationWords.idle)])
        }
        return .json { json in AutomationShapes.write(execution, to: &json) }
    }

    func active(_ request: BridgeRequest) async throws -> Answer {
        let filter = ExecutionFilter(states: Self.activeStates)
        let total = try await operations.countExecutions(
            CountExecutionsRequest(filter: filter), by: request.caller)
        let page = try await operations.listExecutions(
            ListExecutionsRequest(filter: filter, pageSize: 1_000), by: request.caller)
        return .json { json in
            json.object { json in
                json.member("totalActive", total.count)
                json.key("executions")
                json.array(page.executions) { json, execution in
                    AutomationShapes.write(execution, to: &json)
                }
            }
        }
    }
}
