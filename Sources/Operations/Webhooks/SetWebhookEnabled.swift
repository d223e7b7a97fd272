package import Messages
internal import Store

extension Operations {
    /// Enables or disables a webhook. Needs editor.
    package func setWebhookEnabled(_ request: SetWebhookEnabledRequest, by caller: Caller)
        async throws(OperationError) -> Webhook
    {
        let grant = try await authorise(
            .setWebhookEnabled, caller, workspaceID: request.workspaceID, podID: request.podID)
        var row = try await webhook(request.webhookID, grant)
        row.stored.webhook?.disabled = !request.enabled
        return try await replaceWebhook(
            row, grant, runsAs: request.enabled ? caller.principal : nil)
    }
}
