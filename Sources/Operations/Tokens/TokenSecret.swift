internal import Cryptography
package import Messages

/// A token's text: 256 random bits after a prefix that tells its kind, shown once and stored as a
/// hash only.
package enum TokenSecret {
    /// Longer texts are none of ours and are not even hashed.
    package static let bytesMax = 512

    /// A new secret.
    package static func make(_ kind: TokenKind = .bearer) -> String {
        prefix(kind) + randomText()
    }

    private static func prefix(_ kind: TokenKind) -> String {
        switch kind {
        case .sdk: "sdk_"
        case .apiKey: "key_"
        case .unspecified, .bearer, .unrecognized: "sb_"
        }
    }

    /// 256 random bits in base64url.
    static func randomText() -> String {
        Base64URL.encode(RandomBytes.make(32))
    }

    /// What is stored of it: SHA-256 of its text.
    package static func hash(_ secret: String) -> [UInt8] {
        Digest.sha256.hash(secret.utf8)
    }
}
