internal import CCrypto

/// The hash functions in use (FIPS 180-4). Any thread.
package enum Digest: Sendable {
    case sha256
    /// For UUIDs made of names only (RFC 9562, section 5.5); it protects nothing.
    case sha1

    /// The hash of `bytes`: 32 bytes, or 20 of SHA-1.
    package func hash(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let hash = bytes.withContiguousStorageIfAvailable { bytes in
            unsafe self.hash(UnsafeRawBufferPointer(bytes))
        }
        if let hash { return hash }
        return unsafe Array(bytes).withUnsafeBytes { bytes in unsafe self.hash(bytes) }
    }

    /// The hash of bytes that lie elsewhere.
    package func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        let function = self == .sha256 ? unsafe Self.sha256Function : unsafe Self.sha1Function
        var hash = [UInt8](repeating: 0, count: self == .sha256 ? 32 : 20)
        let isDone = unsafe EVP_Digest(
            bytes.baseAddress, bytes.count, &hash, nil, function, nil)
        precondition(isDone == 1, "OpenSSL cannot hash")
        return hash
    }

    // Looked up once: a lookup costs as much as hashing a short text.
    nonisolated(unsafe) private static let sha256Function = unsafe EVP_MD_fetch(nil, "SHA256", nil)
    nonisolated(unsafe) private static let sha1Function = unsafe EVP_MD_fetch(nil, "SHA1", nil)
}
