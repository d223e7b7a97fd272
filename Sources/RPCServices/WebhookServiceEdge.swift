package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.WebhookService` over the operations.
package struct WebhookServiceEdge: WebhookServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func createWebhook(_ request: CreateWebhookRequest, context: CallContext)
        async throws -> WebhookWithSecret
    {
        try await operations.createWebhook(request, by: context.caller)
    }

    package func getWebhook(_ request: GetWebhookRequest, context: CallContext)
        async throws -> Webhook
    {
        try await operations.getWebhook(request, by: context.caller)
    }

    package func listWebhooks(_ request: ListWebhooksRequest, context: CallContext)
        async throws -> ListWebhooksResponse
    {
        try await operations.listWebhooks(request, by: context.caller)
    }

    package func updateWebhook(_ request: UpdateWebhookRequest, context: CallContext)
        async throws -> Webhook
    {
        try await operations.updateWebhook(request, by: context.caller)
    }

    package func setWebhookEnabled(_ request: SetWebhookEnabledRequest, context: CallContext)
        async throws -> Webhook
    {
        try await operations.setWebhookEnabled(request, by: context.caller)
    }

    package func rotateWebhookSecret(_ request: RotateWebhookSecretRequest, context: CallContext)
        async throws -> WebhookWithSecret
    {
        try await operations.rotateWebhookSecret(request, by: context.caller)
    }

    package func deleteWebhook(_ request: DeleteWebhookRequest, context: CallContext)
        async throws -> DeleteWebhookResponse
    {
        try await operations.deleteWebhook(request, by: context.caller)
    }

    package func listWebhookDeliveries(
        _ request: ListWebhookDeliveriesRequest, context: CallContext
    )
        async throws -> ListWebhookDeliveriesResponse
    {
        try await operations.listWebhookDeliveries(request, by: context.caller)
    }
}
