package import Messages
internal import Store

extension Operations {
    /// Lists webhooks by id. Needs viewer.
    package func listWebhooks(_ request: ListWebhooksRequest, by caller: Caller)
        async throws(OperationError) -> ListWebhooksResponse
    {
        let grant = try await authorise(
            .listWebhooks, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("workflow_id", request.workflowID, bytesMax: 128)
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken(
            "ListWebhooks", [grant.workspaceID, request.podID, request.workflowID])
        let after = try pages.name(request.pageToken)
        let rows = try await reading { () async throws(StoreError) in
            try await store.webhooks.webhooks(
                workspaceID: grant.workspaceID, podID: grant.podID,
                workflowID: request.workflowID.isEmpty ? nil : request.workflowID, after: after,
                limit: limit + 1)
        }
        let page = pages.page(rows, limit: limit, name: \.webhook.id)
        return ListWebhooksResponse(
            webhooks: page.items.map(\.webhook), nextPageToken: page.next)
    }
}
