internal import CCrypto

/// Codes that only who holds a key can make (HMAC with SHA-256, RFC 2104). Any thread.
package enum HMACSHA256 {
    /// A code's length in bytes.
    package static let count = 32

    /// The code of `bytes`: 32 bytes. A key may have any length; 32 bytes are as good as more.
    package static func code(of bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: count)
        let isMade =
            unsafe HMAC(
                EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &code, nil) != nil
        precondition(isMade, "OpenSSL cannot make a code")
        return code
    }

    /// Whether `code` is that of `bytes`, found out in a time that does not tell where it differs.
    package static func isCode(_ code: [UInt8], of bytes: [UInt8], key: [UInt8]) -> Bool {
        let right = self.code(of: bytes, key: key)
        guard code.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(code, right, right.count) == 0
    }
}
