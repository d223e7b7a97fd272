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
        var check = RequestCheck()
        Self.check(secret: request.secret, &check)
        Self.check("keep_previous", request.keepPrevious, 0...(7 * 86_400), &check)
        try check.finish()
        let keep = request.keepPrevious?.duration ?? .zero
        var secret = ""
        let webhook = try await replaceWebhook(request.webhookID, grant) {
            row async throws(OperationError) in
            secret = try rotateSecret(request.secret, of: &row, keepingPrevious: keep)
        }
        return WebhookWithSecret(webhook: webhook, secret: secret)
    }

    /// Puts another secret in the place of a webhook's: the given one, or a new one where that is
    /// empty.
    /// - Parameter keep: how long the one before is taken too.
    /// - Returns: it, to be shown once.
    func rotateSecret(_ given: String, of row: inout WebhookRow, keepingPrevious keep: Duration)
        throws(OperationError) -> String
    {
        row.stored.previousSecret = keep > .zero ? row.stored.secret : nil
        row.stored.webhook?.previousSecretExpireTime =
            row.stored.previousSecret == nil
            ? nil : environment.now().advanced(by: keep).timestamp
        return try secretForAny(given, of: &row)
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
