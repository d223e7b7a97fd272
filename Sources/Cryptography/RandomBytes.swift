internal import CCrypto

/// Bytes that nobody can foresee. Any thread.
package enum RandomBytes {
    /// `count` of them. Ends the process where there are none: nothing made without them would be safe.
    package static func make(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        precondition(unsafe RAND_bytes(&bytes, Int32(count)) == 1, "OpenSSL has no random bytes")
        return bytes
    }
}
