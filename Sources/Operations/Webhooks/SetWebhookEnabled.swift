package import Messages
internal import Store

extension Operations {
    /// Enables or disables a webhook. Needs editor.
    package func setWebhookEnabled(_ request: SetWebhookEnabledRequest, by caller: Caller)
        async throws(OperationError) -> Webhook
    {
        let grant = try await authorise(
            .setWebhookEnabled, caller, workspaceID: request.workspaceID, podID: request.podID)
        return try await replaceWebhook(request.webhookID, grant) {
            row async throws(OperationError) in
            row.stored.webhook?.disabled = !request.enabled
            if request.enabled { row.run(as: caller, grant) }
        }
    }
}
