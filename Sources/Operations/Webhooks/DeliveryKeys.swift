internal import JSON
internal import Messages
internal import Model

/// What tells a delivery from another one. Only what its webhook's check vouches for decides: an id in
/// a field that nobody signed could be given anew to what was overheard, or taken from who is to come.
struct DeliveryKeys: Equatable {
    /// Longer ids are none.
    private static let idBytesMax = 256

    /// The sender's id of it; empty where it has none.
    let id: String
    /// What no other delivery of the webhook may have.
    let all: [String]

    /// - Parameters:
    ///   - signed: what was signed of it, if something was.
    ///   - window: how long the same may not come again where no time is signed.
    init(
        _ verification: WebhookVerification, _ post: WebhookPost,
        signed: WebhookVerifier.Signed?, at now: WallTime, window: Duration
    ) {
        let given = Self.id(verification, post)
        id = given.flatMap { (1...Self.idBytesMax).contains($0.utf8.count) ? $0 : nil } ?? ""
        guard let signed else {
            // Who may send at all may send any body and any id.
            all = id.isEmpty ? [] : ["id:\(id)"]
            return
        }
        var keys: [String] = []
        if signed.hasTime {
            // The id is signed with the rest, or stands in the body.
            if !id.isEmpty { keys.append("id:\(id)") }
            keys.append("signed:\(signed.digest)")
        } else {
            // The id tells a repeat for good, but only one of the same body. Under other ids the same
            // body is one delivery until the window that it came in and the next are over; after
            // that it may be something that happened again.
            if !id.isEmpty { keys.append("id:\(id) \(signed.digest)") }
            let width = max(window.components.seconds, 1)
            let start = now.microseconds / 1_000_000 / width * width
            keys += [start, start + width].map { "signed:\(signed.digest) \($0)" }
        }
        all = keys
    }

    private static func id(_ verification: WebhookVerification, _ post: WebhookPost) -> String? {
        switch verification {
        case .signature, .unspecified, .unrecognized: post.header("x-webhook-id")
        case .github: post.header("x-github-delivery")
        case .stripe: text("id", in: post)
        case .slack: text("event_id", in: post)
        case .sharedSecret, .none:
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
