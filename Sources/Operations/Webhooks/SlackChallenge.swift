internal import JSON

/// What Slack posts to find out whether a URL is its owner's; the answer is what it sent.
enum SlackChallenge {
    /// The challenge; nil for any other body.
    static func text(_ body: [UInt8]) -> String? {
        guard let value = try? JSONValue(parsing: body, limits: JSONLimits(bytesMax: .max)),
            case .object(let object) = value, object["type"] == .string("url_verification"),
            case .string(let challenge)? = object["challenge"]
        else { return nil }
        return challenge
    }
}
