package import Messages
internal import Model
internal import Store

/// A change of parts of a webhook.
package struct WebhookPatch: Sendable {
    let workspaceID: String
    let podID: String
    let webhookID: String
    let spec: @Sendable (inout WebhookSpec) -> Void
    let secret: String?
    let enabled: Bool?

    /// - Parameters:
    ///   - workspaceID: empty: the caller's own.
    ///   - podID: empty: any.
    ///   - secret: takes the old one's place at once; nil: the old one stays.
    ///   - enabled: nil: it stays as it is.
    ///   - spec: changes what an author chooses, as it stands.
    package init(
        workspaceID: String, podID: String, webhookID: String, secret: String?, enabled: Bool?,
        spec: @escaping @Sendable (inout WebhookSpec) -> Void
    ) {
        self.workspaceID = workspaceID
        self.podID = podID
        self.webhookID = webhookID
        self.secret = secret
        self.enabled = enabled
        self.spec = spec
    }
}

extension Operations {
    /// Changes what an author chooses of a webhook, its secret, and whether it is enabled, all in one
    /// commit or, where one of them is refused, nothing. Needs editor.
    package func patchWebhook(_ patch: WebhookPatch, by caller: Caller)
        async throws(OperationError) -> Webhook
    {
        let grant = try await authorise(
            .updateWebhook, caller, workspaceID: patch.workspaceID, podID: patch.podID)
        if let secret = patch.secret {
            try Authoriser.check(grant, OperationName.rotateWebhookSecret.access)
            var check = RequestCheck()
            Self.check(secret: secret, &check)
            try check.finish()
        }
        return try await replaceWebhook(patch.webhookID, grant, savesUnchanged: false) {
            row async throws(OperationError) in
            if let secret = patch.secret {
                _ = try rotateSecret(secret, of: &row, keepingPrevious: .zero)
            }
            var spec = row.spec
            patch.spec(&spec)
            if spec != row.spec { try await apply(spec, to: &row, grant, by: caller) }
            if let enabled = patch.enabled, enabled == row.webhook.disabled {
                row.stored.webhook?.disabled = !enabled
                if enabled { row.run(as: caller, grant) }
            }
        }
    }
}
