internal import JSON
internal import Messages

/// What tells a delivery from another one.
struct DeliveryKeys: Equatable {
    /// Longer ids are none.
    private static let idBytesMax = 256

    /// The sender's id of it; empty where it has none.
    let id: String
    /// What no other delivery of the webhook may have.
    let all: [String]

    /// - Parameter digest: of what was signed together with a time.
    init(_ verification: WebhookVerification, _ post: WebhookPost, digest: String?) {
        let given = Self.id(verification, post)
        id = given.flatMap { (1...Self.idBytesMax).contains($0.utf8.count) ? $0 : nil } ?? ""
        var keys: [String] = []
        if !id.isEmpty { keys.append("id:\(id)") }
        if let digest { keys.append("signed:\(digest)") }
        all = keys
    }

    private static func id(_ verification: WebhookVerification, _ post: WebhookPost) -> String? {
        switch verification {
        case .github: post.header("x-github-delivery")
        case .stripe: text("id", in: post)
        case .slack: text("event_id", in: post)
        default:
            post.header("x-webhook-id") ?? post.header("webhook-id")
                ?? post.header("x-github-delivery") ?? post.header("idempotency-key")
        }
    }

    /// A member of the body, where that is a JSON object.
    private static func text(_ name: String, in post: WebhookPost) -> String? {
        guard let value = try? JSONValue(parsing: post.body, limits: JSONLimits(bytesMax: .max)),
            case .object(let object) = value, case .string(let text)? = object[name]
        else { return nil }
        return text
    }
}
