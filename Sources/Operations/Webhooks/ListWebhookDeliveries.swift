package import Messages
internal import Store

extension Operations {
    /// Lists a webhook's deliveries that verified, newest first, masked as the workspace's
    /// policy says. Needs viewer.
    package func listWebhookDeliveries(
        _ request: ListWebhookDeliveriesRequest, by caller: Caller
    ) async throws(OperationError) -> ListWebhookDeliveriesResponse {
        let grant = try await authorise(
            .listWebhookDeliveries, caller, workspaceID: request.workspaceID,
            podID: request.podID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let row = try await webhook(request.webhookID, grant)
        let pages = PageToken("ListWebhookDeliveries", [grant.workspaceID, row.webhook.id])
        let before = try pages.numbers(request.pageToken, count: 1)?.first
        let rows = try await reading { () async throws(StoreError) in
            try await store.webhooks.deliveries(row.webhook.id, before: before, limit: limit + 1)
        }
        let showing = try await showing(grant)
        let page = rows.prefix(limit)
        var response = ListWebhookDeliveriesResponse(
            deliveries: page.map { showing.shown($0.delivery) })
        if rows.count > limit, let last = page.last {
            response.nextPageToken = pages.token(last.number)
        }
        return response
    }
}
