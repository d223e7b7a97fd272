/// A credential's text as a door got it, in whichever header: what it is is told by its form.
///
/// Making one hashes the text; a connection keeps it, so that this is done once.
package struct Credential: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// A bearer token, SDK token or API key: found by its hash.
        case token
        /// With its text.
        case webToken(String)
        /// With its text.
        case streamTicket(String)
    }

    let kind: Kind
    /// SHA-256 of the text.
    package let hash: [UInt8]

    /// nil for texts that are too short or too long for any credential.
    package init?(_ text: String) {
        if JWTText.isLikely(text) {
            guard text.utf8.count <= JWTText.bytesMax else { return nil }
            kind = .webToken(text)
        } else {
            guard !text.isEmpty, text.utf8.count <= TokenSecret.bytesMax else { return nil }
            kind = text.hasPrefix(StreamTicket.prefix) ? .streamTicket(text) : .token
        }
        hash = TokenSecret.hash(text)
    }
}
