internal import Operations
internal import RPC

/// What a connection is remembered by: credentials, which are identified again on every call, so that
/// a revoked or expired one ends there too.
struct ConnectionCredentials: Sendable {
    /// What `Authenticate` was given.
    var authenticated: Credential?
    /// What the last call carried in its metadata: most connections carry the same on every call, and
    /// need not have it hashed again.
    private var last: (text: String, credential: Credential?)?

    init() {}

    /// The credential of a text; nil where it cannot be any.
    mutating func credential(_ text: String) -> Credential? {
        if let last, last.text == text { return last.credential }
        let credential = Credential(text)
        last = (text, credential)
        return credential
    }
}

extension ConnectionContext {
    var credentials: ConnectionCredentials {
        get { identity as? ConnectionCredentials ?? ConnectionCredentials() }
        set { identity = newValue }
    }
}
