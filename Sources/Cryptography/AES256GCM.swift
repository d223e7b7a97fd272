internal import CCrypto

/// Encryption that notices every change (AES-256-GCM, NIST SP 800-38D). Any thread.
///
/// ```
/// nonce (12 bytes) │ ciphertext, as long as the plaintext │ tag (16 bytes)
/// ```
package enum AES256GCM {
    /// A key's length in bytes.
    package static let keyCount = 32
    /// The longest plaintext in bytes; the format itself would allow 64 GiB.
    package static let plaintextMax = 1 << 30
    private static let nonceCount = 12
    private static let tagCount = 16

    /// Encrypts with a random nonce: good for 2^32 plaintexts under one key.
    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - context: is not stored, and must be the same to decrypt.
    /// - Returns: nil for a longer plaintext or context than `plaintextMax`, and where there is no memory.
    package static func seal(_ plaintext: [UInt8], key: [UInt8], context: [UInt8]) -> [UInt8]? {
        seal(plaintext, key: key, nonce: RandomBytes.make(nonceCount), context: context)
    }

    /// With a nonce that was never used with this key; for tests against published vectors.
    static func seal(
        _ plaintext: [UInt8], key: [UInt8], nonce: [UInt8], context: [UInt8]
    ) -> [UInt8]? {
        precondition(key.count == keyCount && nonce.count == nonceCount, "32 and 12 bytes")
        guard plaintext.count <= plaintextMax, context.count <= plaintextMax else { return nil }
        var sealed = [UInt8](repeating: 0, count: plaintext.count + tagCount)
        let isDone = withoutErrors {
            unsafe CCrypto_seal(
                key, nonce, context, Int32(context.count), plaintext, Int32(plaintext.count),
                &sealed) == 1
        }
        return isDone ? nonce + sealed : nil
    }

    /// Decrypts; nil for what was not sealed with this key and context, or was changed since.
    package static func open(_ box: [UInt8], key: [UInt8], context: [UInt8]) -> [UInt8]? {
        precondition(key.count == keyCount, "32 bytes")
        let count = box.count - nonceCount - tagCount
        guard (0...plaintextMax).contains(count), context.count <= plaintextMax else { return nil }
        var plaintext = [UInt8](repeating: 0, count: max(count, 1))
        let isRight = withoutErrors {
            unsafe CCrypto_open(
                key, Array(box[..<nonceCount]), context, Int32(context.count),
                Array(box[nonceCount...]), Int32(count), &plaintext) == 1
        }
        return isRight ? Array(plaintext[..<count]) : nil
    }
}
