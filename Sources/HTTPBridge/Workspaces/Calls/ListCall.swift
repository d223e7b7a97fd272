internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension WorkspacesCalls {
    func list(_ request: BridgeRequest) async throws -> Answer {
        let at = try WorkspacesRequest(request)
        try await operations.admit(
            at.caller, to: .listExecutions, workspaceID: at.workspaceID, podID: at.podID)
        var filter = ExecutionFilter()
        if let word = request.query.first("status") {
            filter.states = try WorkspacesWords.statuses.filter("status", word).map {
                StateFilter(status: $0)
            }
        }
        if let workflowID = request.query.first("workflowId") { filter.workflowIDs = [workflowID] }
        var asked = ListExecutionsRequest(
            workspaceID: at.workspaceID, podID: at.podID, filter: filter,
            pageSize: Int32(try request.query.integer("limit", in: 1...1_000) ?? 1_000))
        if let before = request.query.first("before") {
            asked.pageToken = try await operations.pageToken(
                of: asked, after: ExecutionName.reference(before), by: at.caller)
        }
        let page = try await operations.listExecutions(asked, by: at.caller)
        var answer = Answer.json { json in
            json.array(page.executions) { json, execution in
                WorkspacesShapes.write(execution, isWhole: false, to: &json)
            }
        }
        if !page.nextPageToken.isEmpty, let last = page.executions.last {
            answer.headers[.link] = PageLink.next(request, [("before", last.id)])
        }
        return answer
    }
}
