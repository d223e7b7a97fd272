package import Messages
internal import Store

extension Operations {
    /// Returns a webhook with its newest deliveries. Needs viewer.
    package func getWebhook(_ request: GetWebhookRequest, by caller: Caller)
        async throws(OperationError) -> Webhook
    {
        let grant = try await authorise(
            .getWebhook, caller, workspaceID: request.workspaceID, podID: request.podID)
        let row = try await webhook(request.webhookID, grant)
        let deliveries = try await reading { () async throws(StoreError) in
            try await store.webhooks.deliveries(row.webhook.id, before: nil, limit: 10)
        }
        var webhook = row.webhook
        webhook.recentDeliveries = deliveries.map(\.delivery)
        return webhook
    }
}
