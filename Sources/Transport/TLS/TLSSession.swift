internal import COpenSSL
internal import NIOCore

/// One end of a TLS connection, without the socket: encrypted bytes are given in and taken out of
/// memory. Belongs to its connection's event loop.
@safe
struct TLSSession: ~Copyable {
    /// How a step of the handshake ended.
    enum HandshakeStep {
        case needsBytes
        case complete
    }

    /// How a reading ended, after all that could be decrypted was.
    enum ReadStep {
        case needsBytes
        /// The peer sent `close_notify`: nothing more will come.
        case ended
    }

    private let ssl: OpaquePointer
    /// Owned by `ssl`.
    private let received: OpaquePointer
    /// Owned by `ssl`.
    private let toSend: OpaquePointer
    /// Kept because OpenSSL's callbacks point to it.
    private let context: TLSContext

    /// Takes over a fresh `SSL`.
    init(adopting ssl: OpaquePointer, isServer: Bool, context: TLSContext) throws(TLSError) {
        guard let received = unsafe COpenSSL_new_memory_bio() else {
            unsafe SSL_free(ssl)
            throw .takingReasons(.configuration, "no memory for a TLS session")
        }
        guard let toSend = unsafe COpenSSL_new_memory_bio() else {
            unsafe BIO_free(received)
            unsafe SSL_free(ssl)
            throw .takingReasons(.configuration, "no memory for a TLS session")
        }
        unsafe SSL_set_bio(ssl, received, toSend)
        if isServer {
            unsafe SSL_set_accept_state(ssl)
        } else {
            unsafe SSL_set_connect_state(ssl)
        }
        unsafe self.ssl = ssl
        unsafe self.received = received
        unsafe self.toSend = toSend
        self.context = context
    }

    deinit {
        unsafe SSL_free(ssl)
    }

    // MARK: Names

    /// Clients: accept only a certificate for `name`, a DNS name or an IP address, and ask for it.
    func expectServer(named name: String) throws(TLSError) {
        let parameters = unsafe SSL_get0_param(ssl)
        // RFC 6066, section 3: an IP address is not sent as server name.
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1 { return }
        ERR_clear_error()
        unsafe SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard unsafe SSL_set1_host(ssl, name) == 1,
            unsafe COpenSSL_set_server_name(ssl, name) == 1
        else { throw .takingReasons(.configuration, "'\(name)' cannot be a server's name") }
    }

    /// The protocol ALPN agreed on, if any.
    var applicationProtocol: String? {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &start, &count)
        guard count > 0, let start = unsafe start else { return nil }
        return unsafe String(
            decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    /// For example `TLSv1.3`.
    var version: String { unsafe String(cString: SSL_get_version(ssl)) }

    /// Whether an earlier session went on.
    var wasResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

    /// The names of the peer's certificate, if it showed one that verified.
    var verifiedPeerNames: TLSCertificateNames? {
        guard unsafe SSL_get_verify_result(ssl) == Int(X509_V_OK),
            let certificate = unsafe SSL_get0_peer_certificate(ssl)
        else { return nil }
        return unsafe TLSCertificateNames(borrowing: certificate)
    }

    // MARK: Bytes

    /// Takes encrypted bytes that came from the peer, at most a record's worth at a time, so that
    /// the session's memory stays small.
    mutating func receive(_ bytes: inout ByteBuffer) throws(TLSError) {
        let count = min(bytes.readableBytes, TLSSession.recordBytesMax)
        let taken = unsafe bytes.readWithUnsafeReadableBytes { bytes in
            max(0, Int(unsafe BIO_write(received, bytes.baseAddress, Int32(count))))
        }
        guard taken == count else {
            throw .takingReasons(.protocolViolation, "no memory for received bytes")
        }
    }

    /// Goes on with the handshake as far as the received bytes allow.
    mutating func handshake() throws(TLSError) -> HandshakeStep {
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(ssl)
        if result == 1 { return .complete }
        if unsafe SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ { return .needsBytes }
        let verification = unsafe SSL_get_verify_result(ssl)
        if verification != Int(X509_V_OK),
            let text = unsafe X509_verify_cert_error_string(verification)
        {
            throw .takingReasons(
                .verification, "the peer's certificate is refused, \(unsafe String(cString: text))")
        }
        throw .takingReasons(.handshake, "handshake failed")
    }

    /// Decrypts what was received and appends it to `plaintext`.
    mutating func read(into plaintext: inout ByteBuffer) throws(TLSError) -> ReadStep {
        while true {
            // Asking when nothing is left would only cost a failure.
            let waiting = unsafe COpenSSL_pending(received) + Int(SSL_pending(ssl))
            guard waiting > 0 else { return .needsBytes }
            ERR_clear_error()
            var result: Int32 = 0
            let room = min(max(waiting, 512), TLSSession.recordBytesMax)
            let count = unsafe plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: room) {
                space in
                var count = 0
                result = unsafe SSL_read_ex(ssl, space.baseAddress, space.count, &count)
                return count
            }
            if result == 1 && count > 0 { continue }
            switch unsafe SSL_get_error(ssl, result) {
            case SSL_ERROR_WANT_READ: return .needsBytes
            case SSL_ERROR_ZERO_RETURN: return .ended
            default: throw .takingReasons(.protocolViolation, "cannot decrypt what the peer sent")
            }
        }
    }

    /// Encrypts `bytes`, all of them; the result is to be had with `takeBytesToSend`.
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws(TLSError) {
        guard bytes.count > 0 else { return }
        ERR_clear_error()
        var written = 0
        guard unsafe SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &written) == 1,
            written == bytes.count
        else { throw .takingReasons(.protocolViolation, "cannot encrypt") }
    }

    /// How many encrypted bytes wait to be sent.
    var bytesToSend: Int { unsafe COpenSSL_pending(toSend) }

    /// Moves the encrypted bytes that are to be sent to the end of `buffer`.
    mutating func takeBytesToSend(into buffer: inout ByteBuffer) {
        let count = bytesToSend
        guard count > 0 else { return }
        _ = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            max(0, Int(unsafe BIO_read(toSend, space.baseAddress, Int32(count))))
        }
    }

    /// Says `close_notify`.
    mutating func shutDown() {
        unsafe SSL_shutdown(ssl)
        ERR_clear_error()
    }

    // MARK: Resumption

    /// Clients: the session, once the server has given a ticket for it.
    func takeResumable() -> ResumableSession? {
        guard let session = unsafe SSL_get1_session(ssl) else { return nil }
        guard unsafe SSL_SESSION_is_resumable(session) == 1 else {
            unsafe SSL_SESSION_free(session)
            return nil
        }
        return unsafe ResumableSession(adopting: session)
    }

    /// Clients: resume `session` if the server agrees.
    fileprivate func resume(_ session: OpaquePointer) {
        unsafe SSL_set_session(ssl, session)
    }

    /// Plaintext in one TLS record.
    static let recordBytesMax = 16 * 1024
}

/// A client's session that may be resumed by a later connection.
@safe
final class ResumableSession: Sendable {
    // Sendable because OpenSSL counts its references atomically and we never change it.
    private nonisolated(unsafe) let session: OpaquePointer

    init(adopting session: OpaquePointer) {
        unsafe self.session = session
    }

    deinit {
        unsafe SSL_SESSION_free(session)
    }

    /// Lets `connection` resume it.
    func offer(to connection: borrowing TLSSession) {
        unsafe connection.resume(session)
    }
}
