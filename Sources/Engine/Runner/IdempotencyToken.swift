internal import Cryptography

/// What a body sends along so that its receiver can tell a repeat.
enum IdempotencyToken {
    /// SHA-256 of the execution and the node path, in hex: the same for all attempts.
    static func make(executionID: String, path: NodePath) -> String {
        make(executionID: executionID, path: path.description)
    }

    static func make(executionID: String, path: String) -> String {
        Hexadecimal.text(Digest.sha256.hash("\(executionID)/\(path)".utf8))
    }
}
