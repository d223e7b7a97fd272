package import Messages
internal import Store

extension Operations {
    /// Replaces what an author chooses of a webhook. Needs editor.
    package func updateWebhook(_ request: UpdateWebhookRequest, by caller: Caller)
        async throws(OperationError) -> Webhook
    {
        let grant = try await authorise(
            .updateWebhook, caller, workspaceID: request.workspaceID, podID: request.podID)
        var row = try await webhook(request.webhookID, grant)
        var check = RequestCheck()
        let spec = request.spec ?? WebhookSpec()
        self.check(spec, &check)
        if spec.verification != .none, row.stored.secret == nil {
            check.fault(
                "spec.verification", "the webhook has no secret: expected NONE, or rotate it first")
        }
        try check.finish()
        let workflow = try await triggered(spec.workflowID, grant)
        row.stored.webhook?.spec = spec
        row.stored.webhook?.podID = workflow.podID
        return try await replaceWebhook(row, grant, runsAs: caller.principal)
    }
}
