internal import JSON
internal import Messages

/// A webhook as a client sends it.
struct WorkspacesWebhookBody {
    let secret: String?
    let enabled: Bool?
    private let name: String?
    private let workflowID: String?
    private let verification: WebhookVerification?
    private let response: WebhookResponse?

    init(_ body: JSONObject, isNew: Bool) throws {
        var fields = BodyFields(body)
        secret = fields.string("secret")
        enabled = fields.bool("enabled")
        name = fields.string("name")
        workflowID = fields.string("workflowId", isNeeded: isNew)
        verification = fields.word("verification", WorkspacesWords.verifications)
        response = fields.word("response", WorkspacesWords.responses)
        if verification == WebhookVerification.none, secret != nil {
            fields.fault("secret", "expected none where nothing is verified")
        }
        try fields.finish()
    }

    /// Puts what was said into `spec`.
    func apply(to spec: inout WebhookSpec) {
        if let name { spec.name = name }
        if let workflowID { spec.workflowID = workflowID }
        if let verification { spec.verification = verification }
        if let response { spec.response = response }
    }
}
