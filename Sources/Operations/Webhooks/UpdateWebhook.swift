package import Messages
internal import Store

extension Operations {
    /// Replaces what an author chooses of a webhook. Needs editor.
    package func updateWebhook(_ request: UpdateWebhookRequest, by caller: Caller)
        async throws(OperationError) -> Webhook
    {
        let grant = try await authorise(
            .updateWebhook, caller, workspaceID: request.workspaceID, podID: request.podID)
        let spec = request.spec ?? WebhookSpec()
        return try await replaceWebhook(request.webhookID, grant) {
            row async throws(OperationError) in
            try await apply(spec, to: &row, grant, by: caller)
        }
    }
}
