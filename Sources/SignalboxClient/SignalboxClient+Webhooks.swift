public import Messages
public import RPC
internal import Services

/// Webhooks.
extension SignalboxClient {
    /// Makes a webhook; its secret is in this answer and nowhere else.
    public func createWebhook(
        _ request: CreateWebhookRequest, options: CallOptions = CallOptions()
    ) async throws -> WebhookWithSecret {
        try await webhooks().createWebhook(request, options: options)
    }

    /// Returns a webhook with its newest deliveries.
    public func getWebhook(
        _ request: GetWebhookRequest, options: CallOptions = CallOptions()
    ) async throws -> Webhook {
        try await webhooks().getWebhook(request, options: options)
    }

    /// Lists webhooks by id.
    public func listWebhooks(
        _ request: ListWebhooksRequest, options: CallOptions = CallOptions()
    ) async throws -> ListWebhooksResponse {
        try await webhooks().listWebhooks(request, options: options)
    }

    /// Replaces what an author chooses of a webhook but its secret.
    public func updateWebhook(
        _ request: UpdateWebhookRequest, options: CallOptions = CallOptions()
    ) async throws -> Webhook {
        try await webhooks().updateWebhook(request, options: options)
    }

    /// Enables or disables a webhook.
    public func setWebhookEnabled(
        _ request: SetWebhookEnabledRequest, options: CallOptions = CallOptions()
    ) async throws -> Webhook {
        try await webhooks().setWebhookEnabled(request, options: options)
    }

    /// Gives a webhook another secret, which is in this answer and nowhere else.
    public func rotateWebhookSecret(
        _ request: RotateWebhookSecretRequest, options: CallOptions = CallOptions()
    ) async throws -> WebhookWithSecret {
        try await webhooks().rotateWebhookSecret(request, options: options)
    }

    /// Erases a webhook; its executions stay.
    public func deleteWebhook(
        _ request: DeleteWebhookRequest, options: CallOptions = CallOptions()
    ) async throws {
        _ = try await webhooks().deleteWebhook(request, options: options)
    }

    /// Lists deliveries that verified, newest first.
    public func listWebhookDeliveries(
        _ request: ListWebhookDeliveriesRequest, options: CallOptions = CallOptions()
    ) async throws -> ListWebhookDeliveriesResponse {
        try await webhooks().listWebhookDeliveries(request, options: options)
    }

    private func webhooks() async throws -> WebhookServiceClient {
        WebhookServiceClient(channel: try await dialer.connection())
    }
}
