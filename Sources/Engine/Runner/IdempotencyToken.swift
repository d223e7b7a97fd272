internal import Crypto

/// What a body sends along so that its receiver can tell a repeat.
enum IdempotencyToken {
    /// SHA-256 of the execution and the node path, in hex: the same for all attempts.
    static func make(executionID: String, path: NodePath) -> String {
        var hash = SHA256()
        hash.update(data: Array("\(executionID)/\(path)".utf8))
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in hash.finalize() {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
