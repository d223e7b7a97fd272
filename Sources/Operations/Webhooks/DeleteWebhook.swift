package import Messages
internal import Store

extension Operations {
    /// Erases a webhook; its executions stay. Needs editor.
    package func deleteWebhook(_ request: DeleteWebhookRequest, by caller: Caller)
        async throws(OperationError) -> DeleteWebhookResponse
    {
        let grant = try await authorise(
            .deleteWebhook, caller, workspaceID: request.workspaceID, podID: request.podID)
        let row = try await webhook(request.webhookID, grant)
        let refusal = try await committing(
            [.webhook(.delete(row.webhook.id))], grant, "webhook \(row.webhook.id)")
        webhookRows.forget()
        guard refusal == nil else { throw Self.webhookMissing }
        return DeleteWebhookResponse()
    }
}
