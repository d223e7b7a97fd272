internal import Engine
package import Messages
internal import Redaction
internal import Store

extension Operations {
    /// Lists the node executions of an execution in the order they first appeared. Needs viewer.
    package func listNodeExecutions(_ request: ListNodeExecutionsRequest, by caller: Caller)
        async throws(OperationError) -> ListNodeExecutionsResponse
    {
        let grant = try await authorise(
            .listNodeExecutions, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.known("view", request.view)
        check.known("redaction", request.redaction)
        let limit = check.pageSize(request.pageSize, usual: 100)
        try check.finish()
        let row = try await execution(request.executionID, grant)
        let pages = PageToken("ListNodeExecutions", [row.execution.id])
        let start = try pages.numbers(request.pageToken, count: 1)?[0] ?? 0
        guard start >= 0 else { throw PageToken.unknown }
        let trigger = row.execution.trigger
        let showing = try await showing(
            request.redaction, caller, grant, triggers: [trigger],
            object: "execution \(row.number)")
        let page = try await engaging { () async throws(EngineError) in
            try await engine.nodeExecutions(
                row, from: Int(start), limit: limit, view: request.view)
        }
        var nodes = page.nodeExecutions
        if let redactor = showing.redactor(trigger) {
            for index in nodes.indices { redactor.redact(&nodes[index]) }
        }
        return ListNodeExecutionsResponse(
            nodeExecutions: nodes,
            nextPageToken: page.next.map { pages.token(Int64($0)) } ?? "",
            redaction: showing.info(trigger))
    }
}
