internal import Foundation
package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Makes a webhook; its secret is in this answer and nowhere else. Needs editor.
    package func createWebhook(_ request: CreateWebhookRequest, by caller: Caller)
        async throws(OperationError) -> WebhookWithSecret
    {
        let grant = try await authorise(
            .createWebhook, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        let spec = request.spec ?? WebhookSpec()
        self.check(spec, &check)
        Self.check(secret: request.secret, &check)
        try check.finish()
        let workflow = try await triggered(spec.workflowID, grant)
        let now = environment.now().timestamp
        let id = UUID().uuidString.lowercased()
        var row = WebhookRow(
            stored: StoredWebhook(
                webhook: Webhook(
                    id: id, workspaceID: grant.workspaceID, podID: workflow.podID, spec: spec,
                    disabled: request.disabled, path: "/v1/webhooks/\(id)/trigger",
                    runsAs: grant.principal.name, createTime: now,
                    createdBy: grant.principal.name, updateTime: now,
                    updatedBy: grant.principal.name), principal: caller.principal))
        let secret = try setSecret(request.secret, of: &row)
        let refusal = try await committing(
            [.webhook(.insert(row, max: limits.webhooksPerWorkspaceMax))], grant, "webhook \(id)")
        switch refusal {
        case nil: break
        case .tooMany:
            throw OperationError(
                .resourceExhausted, reason: "WEBHOOKS_MAX",
                "the workspace has \(limits.webhooksPerWorkspaceMax) webhooks, which is the limit")
        default:
            throw .notFound("pod", workflow.podID, reason: "POD_NOT_FOUND")
        }
        webhookRows.forget()
        return WebhookWithSecret(webhook: row.webhook, secret: secret)
    }
}
