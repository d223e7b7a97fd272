internal import COpenSSL

/// The secret that session tickets are sealed with. Whoever has it can read the sessions, so it is
/// made by the process and never leaves it.
package struct TLSTicketKeys: Sendable {
    /// As OpenSSL wants them: name (16 bytes), HMAC key (32), AES key (32).
    let bytes: [UInt8]

    /// New random keys.
    /// - Throws: `TLSError.Code.configuration` if there is no randomness.
    package init() throws(TLSError) {
        var bytes = [UInt8](repeating: 0, count: 80)
        guard unsafe RAND_bytes(&bytes, Int32(bytes.count)) == 1 else {
            throw .takingReasons(.configuration, "no random ticket keys")
        }
        self.bytes = bytes
    }
}
