internal import COpenSSL
internal import Synchronization

/// What many connections share: certificates, rules, ticket keys. Immutable once made.
@safe
package final class TLSContext: Sendable {
    // Sendable because nothing changes it after init, and OpenSSL counts its references atomically.
    private nonisolated(unsafe) let context: OpaquePointer
    private let isServer: Bool
    /// What the session tickets are sealed with (servers only). OpenSSL's callback points to it;
    /// sessions keep us alive.
    private let tickets: TLSTicketKeys?
    /// The protocols in ALPN's wire form. OpenSSL's callback points to it; sessions keep us alive.
    // Sendable because nothing writes to it after init.
    private nonisolated(unsafe) let protocols: UnsafeBufferPointer<UInt8>
    /// The last session with a server, for the next connection to resume (clients only).
    private let resumable = Mutex<(serverName: String, session: ResumableSession)?>(nil)

    deinit {
        unsafe SSL_CTX_free(context)
        unsafe protocols.deallocate()
    }

    private init(
        isServer: Bool, minimum: TLSVersion, maximum: TLSVersion, applicationProtocols: [String],
        tickets: TLSTicketKeys? = nil
    ) throws(TLSError) {
        guard minimum <= maximum else {
            throw TLSError(
                .configuration,
                "the minimum version \(minimum.rawValue) is above the maximum \(maximum.rawValue)")
        }
        let names = try Self.wireForm(of: applicationProtocols)
        let method = unsafe isServer ? TLS_server_method() : TLS_client_method()
        guard let context = unsafe SSL_CTX_new(method) else {
            throw .takingReasons(.configuration, "no TLS context")
        }
        unsafe self.context = context
        self.isServer = isServer
        self.tickets = tickets
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: names.count)
        _ = unsafe copy.initialize(from: names)
        unsafe self.protocols = UnsafeBufferPointer(copy)

        unsafe COpenSSL_set_min_proto_version(context, minimum.number)
        unsafe COpenSSL_set_max_proto_version(context, maximum.number)
        // Idle connections give back their 32 KiB of record buffers.
        unsafe COpenSSL_set_mode(context, Int(SSL_MODE_RELEASE_BUFFERS))
        unsafe COpenSSL_set_safe_options(context)
        // Without this, OpenSSL asks on the terminal for the password of an encrypted key.
        unsafe SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in 0 }
    }

    /// The context of a listener.
    /// - Parameter tickets: the same for every context of a listener, so that sessions outlive a
    ///   reload.
    /// - Throws: `TLSError.Code.configuration`.
    package static func server(
        _ configuration: TLSServerConfiguration, tickets: TLSTicketKeys
    ) throws(TLSError) -> TLSContext {
        let server = try TLSContext(
            isServer: true, minimum: configuration.minimumVersion,
            maximum: configuration.maximumVersion,
            applicationProtocols: configuration.applicationProtocols, tickets: tickets)
        try server.use(configuration.identity)
        try server.verifyClients(configuration)
        try server.setTickets()
        server.chooseProtocol()
        return server
    }

    /// The context of client connections.
    /// - Throws: `TLSError.Code.configuration`.
    package static func client(
        _ configuration: TLSClientConfiguration
    ) throws(TLSError) -> TLSContext {
        let client = try TLSContext(
            isServer: false, minimum: configuration.minimumVersion,
            maximum: configuration.maximumVersion,
            applicationProtocols: configuration.applicationProtocols)
        if let identity = configuration.identity { try client.use(identity) }
        if let file = configuration.caFile {
            guard unsafe SSL_CTX_load_verify_locations(client.context, file, nil) == 1 else {
                throw .takingReasons(.configuration, "cannot use the CA file \(file)")
            }
        } else {
            guard unsafe SSL_CTX_set_default_verify_paths(client.context) == 1 else {
                throw .takingReasons(.configuration, "cannot use the system's authorities")
            }
        }
        unsafe SSL_CTX_set_verify(client.context, SSL_VERIFY_PEER, nil)
        return client
    }

    /// A session for one accepted connection, or for one to `serverName`.
    func makeSession(serverName: String? = nil) throws(TLSError) -> TLSSession {
        guard let ssl = unsafe SSL_new(context) else {
            throw .takingReasons(.configuration, "no TLS session")
        }
        let session = try unsafe TLSSession(adopting: ssl, isServer: isServer, context: self)
        guard !isServer, let serverName else { return session }
        if unsafe !protocols.isEmpty {
            _ = unsafe SSL_set_alpn_protos(ssl, protocols.baseAddress, UInt32(protocols.count))
        }
        try session.expectServer(named: serverName)
        resumable.withLock { slot in
            if let slot, slot.serverName == serverName { slot.session.offer(to: session) }
        }
        return session
    }

    /// Keeps a client's session for its next connection to the same server.
    func remember(_ session: ResumableSession, serverName: String) {
        resumable.withLock { $0 = (serverName, session) }
    }

    private func use(_ identity: TLSIdentity) throws(TLSError) {
        let certificate = identity.certificateChainFile
        guard unsafe SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw .takingReasons(.configuration, "cannot use the certificate file \(certificate)")
        }
        let key = identity.privateKeyFile
        guard unsafe SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
            throw .takingReasons(.configuration, "cannot use the key file \(key)")
        }
        guard unsafe SSL_CTX_check_private_key(context) == 1 else {
            throw .takingReasons(
                .configuration, "the key in \(key) is not that of the certificate in \(certificate)"
            )
        }
    }

    private func verifyClients(_ configuration: TLSServerConfiguration) throws(TLSError) {
        var mode = SSL_VERIFY_NONE
        // A session is resumed only under the rules it was made under: they are part of its name.
        var rules = Array("signalbox \(configuration.clientVerification.rawValue)".utf8)
        if configuration.clientVerification != .none {
            guard let file = configuration.clientCAFile else {
                throw TLSError(
                    .configuration,
                    "client verification '\(configuration.clientVerification.rawValue)' needs a "
                        + "client CA file")
            }
            guard unsafe SSL_CTX_load_verify_locations(context, file, nil) == 1,
                let names = unsafe SSL_load_client_CA_file(file)
            else {
                throw .takingReasons(.configuration, "cannot use the client CA file \(file)")
            }
            rules += Self.contents(of: file)
            unsafe SSL_CTX_set_client_CA_list(context, names)
            mode = SSL_VERIFY_PEER
            if configuration.clientVerification == .required {
                mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT
            }
        }
        unsafe SSL_CTX_set_verify(context, mode, nil)
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = unsafe SHA256(rules, rules.count, &digest)
        guard
            unsafe SSL_CTX_set_session_id_context(context, digest, UInt32(digest.count)) == 1
        else { throw .takingReasons(.configuration, "no session id context") }
    }

    private func setTickets() throws(TLSError) {
        // Tickets hold the sessions, so the server needs no memory of them.
        unsafe COpenSSL_set_session_cache_mode(context, Int(SSL_SESS_CACHE_OFF))
        unsafe SSL_CTX_set_num_tickets(context, 1)
        guard let tickets else { return }
        try unsafe tickets.serve(context)
    }

    private func chooseProtocol() {
        guard unsafe !protocols.isEmpty else { return }
        let list = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe SSL_CTX_set_alpn_select_cb(
            context,
            { _, chosen, chosenCount, offered, offeredCount, list in
                guard let list = unsafe list, let chosen = unsafe chosen else {
                    return SSL_TLSEXT_ERR_ALERT_FATAL
                }
                // Alive because the session whose handshake this is keeps its context.
                let context = unsafe Unmanaged<TLSContext>.fromOpaque(list).takeUnretainedValue()
                let found = unsafe chosen.withMemoryRebound(
                    to: UnsafeMutablePointer<UInt8>?.self, capacity: 1
                ) {
                    unsafe SSL_select_next_proto(
                        $0, chosenCount, context.protocols.baseAddress,
                        UInt32(context.protocols.count), offered, offeredCount)
                }
                return found == OPENSSL_NPN_NEGOTIATED
                    ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL
            }, list)
    }

    private static func contents(of file: String) -> [UInt8] {
        guard let source = unsafe BIO_new_file(file, "r") else { return [] }
        defer { unsafe BIO_free(source) }
        var contents: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe BIO_read(source, &piece, Int32(piece.count))
            guard count > 0 else { return contents }
            contents += piece.prefix(Int(count))
        }
    }

    /// ALPN's list: each name with its length in one byte before it.
    private static func wireForm(of names: [String]) throws(TLSError) -> [UInt8] {
        var bytes: [UInt8] = []
        for name in names {
            guard (1...255).contains(name.utf8.count) else {
                throw TLSError(
                    .configuration, "an ALPN name has 1 to 255 bytes; '\(name)' has not")
            }
            bytes.append(UInt8(name.utf8.count))
            bytes += name.utf8
        }
        return bytes
    }
}

extension TLSVersion {
    fileprivate var number: Int32 {
        switch self {
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }
}
