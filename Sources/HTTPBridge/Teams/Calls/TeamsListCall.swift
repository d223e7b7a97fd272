internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations
internal import ProtobufRuntime

extension TeamsCalls {
    /// The executions of the team in the path.
    func listTeam(_ request: BridgeRequest) async throws -> Answer {
        try await list(request, workspaceID: try Self.team(request))
    }

    /// The executions of a workflow, or of a team.
    func list(_ request: BridgeRequest) async throws -> Answer {
        guard request.query.first("workflowId") != nil || request.query.first("teamId") != nil
        else {
            throw Fault.invalid("workflowId", "expected a workflowId or a teamId, got neither")
        }
        return try await list(request, workspaceID: try Self.team(request))
    }

    private func list(_ request: BridgeRequest, workspaceID: String) async throws -> Answer {
        let page = try TeamsPage(request.query)
        let filter = try Self.filter(request.query)
        let total = try await Self.inTeam {
            try await operations.countExecutions(
                CountExecutionsRequest(workspaceID: workspaceID, filter: filter),
                by: request.caller
            ).count
        }
        if total == 0, let workflowID = filter.workflowIDs.first {
            _ = try await operations.getWorkflow(
                GetWorkflowRequest(workspaceID: workspaceID, workflowID: workflowID),
                by: request.caller)
        }
        var executions: [Execution] = []
        if let skip = try page.skip(total: total) {
            executions = try await operations.listExecutions(
                ListExecutionsRequest(
                    workspaceID: workspaceID, filter: filter, pageSize: Int32(page.size)),
                part: ExecutionListPart(skip: skip), by: request.caller
            ).executions
        }
        return .json { json in
            page.write(total: total, count: executions.count, to: &json) { json in
                json.array(executions) { json, execution in
                    TeamsShapes.write(execution, to: &json)
                }
            }
        }
    }

    private static func filter(_ query: QueryItems) throws(Fault) -> ExecutionFilter {
        var filter = ExecutionFilter()
        for word in query.all("status") where !word.isEmpty {
            guard let states = TeamsWords.states.filters(of: word) else {
                throw .invalid(
                    "status",
                    "expected one of \(TeamsWords.states.words.joined(separator: ", ")), got "
                        + "'\(word.prefix(64))'")
            }
            filter.states += states.filter { !filter.states.contains($0) }
        }
        if let workflowID = query.first("workflowId") {
            guard (1...128).contains(workflowID.utf8.count) else {
                throw .invalid("workflowId", "expected a workflow's id of 1 to 128 bytes")
            }
            filter.workflowIDs = [workflowID]
        }
        if let from = query.first("from") {
            guard let instant = InstantText.lenient(from) else { throw notISO("from", from) }
            filter.createdFrom = instant
        }
        if let to = query.first("to") {
            guard let instant = InstantText.end(to), instant.isValid else { throw notISO("to", to) }
            filter.createdBefore = instant
        }
        return filter
    }

    private static func notISO(_ field: String, _ text: String) -> Fault {
        .invalid(
            field, "expected an ISO 8601 date or instant, got '\(text.prefix(64))'")
    }
}
