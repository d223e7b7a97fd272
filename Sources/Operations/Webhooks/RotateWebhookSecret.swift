package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Gives a webhook another secret, which is in this answer and nowhere else. Needs editor.
    package func rotateWebhookSecret(_ request: RotateWebhookSecretRequest, by caller: Caller)
        async throws(OperationError) -> WebhookWithSecret
    {
        let grant = try await authorise(
            .rotateWebhookSecret, caller, workspaceID: request.workspaceID, podID: request.podID)
        var row = try await webhook(request.webhookID, grant)
        var check = RequestCheck()
        Self.check(secret: request.secret, &check)
        Self.check("keep_previous", request.keepPrevious, 0...(7 * 86_400), &check)
        try check.finish()
        let keep = request.keepPrevious?.duration ?? .zero
        row.stored.previousSecret = keep > .zero ? row.stored.secret : nil
        row.stored.webhook?.previousSecretExpireTime =
            row.stored.previousSecret == nil
            ? nil : environment.now().advanced(by: keep).timestamp
        let secret = try secretForAny(request.secret, of: &row)
        let webhook = try await replaceWebhook(row, grant, runsAs: nil)
        return WebhookWithSecret(webhook: webhook, secret: secret)
    }

    /// Also a webhook that verifies nothing may be given a secret, to verify by it later.
    private func secretForAny(_ secret: String, of row: inout WebhookRow) throws(OperationError)
        -> String
    {
        guard row.spec.verification == .none else { return try setSecret(secret, of: &row) }
        row.stored.webhook?.spec?.verification = .signature
        defer { row.stored.webhook?.spec?.verification = .none }
        return try setSecret(secret, of: &row)
    }
}
