internal import COpenSSL

/// Why TLS could not be set up, or why a connection was given up.
package struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: String, Sendable {
        /// A file could not be read or used, or a setting is not possible.
        case configuration
        /// The peers did not agree, or the peer does not speak TLS.
        case handshake
        /// A certificate was refused: the peer's by us.
        case verification
        /// The peer broke the rules of TLS after the handshake.
        case protocolViolation
        /// The handshake took too long.
        case timeout
        /// The peer closed the socket without `close_notify`; the last bytes may be missing.
        case truncated
        /// Something was written when no session was open.
        case notOpen
    }

    package let code: Code
    /// For people, with OpenSSL's reasons; lower case.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "TLS \(code.rawValue): \(message)" }

    /// An error that says what failed, followed by OpenSSL's reasons. Empties this thread's queue
    /// of OpenSSL errors.
    static func takingReasons(_ code: Code, _ message: String) -> TLSError {
        let reasons = takeReasons()
        return TLSError(
            code, reasons.isEmpty ? message : "\(message): \(reasons.joined(separator: "; "))")
    }

    /// The reasons in this thread's queue of OpenSSL errors, oldest first; empties it.
    private static func takeReasons() -> [String] {
        var reasons: [String] = []
        while true {
            let error = ERR_get_error()
            guard error != 0 else { return reasons }
            if let reason = unsafe ERR_reason_error_string(error) {
                reasons.append(unsafe String(cString: reason))
            } else {
                reasons.append("error \(String(error, radix: 16))")
            }
        }
    }
}
