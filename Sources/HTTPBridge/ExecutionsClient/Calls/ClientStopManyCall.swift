internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension ExecutionsClientCalls {
    /// Stops everything that fits, and answers how many really stopped.
    func stopMany(_ request: BridgeRequest) async throws -> Answer {
        let body = try await request.json()
        var filter = ExecutionFilter()
        filter.states = try Self.stoppable(body["status"])
        let part = try ExecutionsClientParameters.started("body") { (name) throws(Fault) in
            try Self.text(body, name)
        }
        let workflowID = try Self.text(body, "workflowId")
        try await operations.admit(request.caller, to: .cancel)
        if let workflowID, workflowID != "all" {
            try await check(workflowID, request.caller)
            filter.workflowIDs = [workflowID]
        }
        let stopped = try await operations.stopExecutions(
            ListExecutionsRequest(filter: filter), part: part, reason: "", by: request.caller)
        return .json(["stopped": .number(JSONNumber(stopped))])
    }

    private static func text(_ body: JSONObject, _ name: String) throws(Fault) -> String? {
        guard let value = body[name], !value.isNull else { return nil }
        guard let text = value.stringValue else {
            throw .client("body/\(name)", "must be string")
        }
        return text
    }

    private static func stoppable(_ value: JSONValue?) throws(Fault) -> [StateFilter] {
        guard let value else {
            throw .client("body", "must have required property 'status'")
        }
        guard let elements = value.arrayValue else { throw .client("body/status", "must be array") }
        guard !elements.isEmpty else {
            throw .client("body/status", "must include at least one status")
        }
        var states: [StateFilter] = []
        for (index, element) in elements.enumerated() {
            let row = ExecutionsClientWords.stoppable.first { $0.word == element.stringValue }
            guard let row, let filters = ExecutionsClientWords.states.filters(of: row.status) else {
                let words = ExecutionsClientWords.stoppable.map(\.word).joined(separator: ", ")
                throw .client(
                    "body/status/\(index)",
                    "must be equal to one of the allowed values: \(words)")
            }
            states += filters.filter { !states.contains($0) }
        }
        return states
    }

    private func check(_ workflowID: String, _ caller: Caller) async throws {
        do throws(OperationError) {
            _ = try await operations.getWorkflow(
                GetWorkflowRequest(workflowID: workflowID), by: caller)
        } catch {
            guard error.code == .notFound || error.code == .invalidArgument else { throw error }
            throw Fault(
                .notFound, code: "WORKFLOW_NOT_FOUND", "Workflow not found or not accessible")
        }
    }
}
