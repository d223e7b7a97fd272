/// The versions of TLS that are spoken. Older ones are not.
package enum TLSVersion: String, Sendable, Comparable, CaseIterable {
    case tls12 = "1.2"
    case tls13 = "1.3"

    package static func < (left: TLSVersion, right: TLSVersion) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A certificate with its key, as PEM files.
package struct TLSIdentity: Sendable, Equatable {
    /// The leaf certificate first, then its issuers.
    package var certificateChainFile: String
    /// Not encrypted: nobody is asked for a password.
    package var privateKeyFile: String

    package init(certificateChainFile: String, privateKeyFile: String) {
        self.certificateChainFile = certificateChainFile
        self.privateKeyFile = privateKeyFile
    }
}

/// How a listener speaks TLS.
package struct TLSServerConfiguration: Sendable, Equatable {
    /// What is asked of clients.
    package enum ClientVerification: String, Sendable, CaseIterable {
        /// No client certificate is asked for.
        case none
        /// A client may have a certificate; one that does not verify is refused.
        case optional
        /// A client without a certificate that verifies is refused.
        case required
    }

    package var identity: TLSIdentity
    /// The authorities that sign client certificates, PEM. Needed unless `clientVerification` is
    /// `.none`.
    package var clientCAFile: String?
    package var clientVerification: ClientVerification
    package var minimumVersion: TLSVersion
    package var maximumVersion: TLSVersion
    /// The protocols of ALPN, the most welcome first. A client that offers only others is refused
    /// (RFC 7301, section 3.2); one that offers none is not.
    package var applicationProtocols: [String]

    /// The settings of a listener: TLS 1.2 and 1.3, and by default no client certificates.
    package init(
        identity: TLSIdentity, clientCAFile: String? = nil,
        clientVerification: ClientVerification = .none,
        minimumVersion: TLSVersion = .tls12, maximumVersion: TLSVersion = .tls13,
        applicationProtocols: [String] = ["ttrpc", "h2", "http/1.1"]
    ) {
        self.identity = identity
        self.clientCAFile = clientCAFile
        self.clientVerification = clientVerification
        self.minimumVersion = minimumVersion
        self.maximumVersion = maximumVersion
        self.applicationProtocols = applicationProtocols
    }
}

/// How a client connection speaks TLS. The server's certificate is always verified.
package struct TLSClientConfiguration: Sendable, Equatable {
    /// The authorities that sign server certificates, PEM; nil: those of the system.
    package var caFile: String?
    /// The certificate to show if the server asks for one.
    package var identity: TLSIdentity?
    /// The name or IP address the server's certificate must be for; nil: the host that is dialled.
    package var serverName: String?
    package var minimumVersion: TLSVersion
    package var maximumVersion: TLSVersion
    /// Offered with ALPN, the most welcome first; empty: no ALPN.
    package var applicationProtocols: [String]

    /// The settings of a client: TLS 1.2 and 1.3.
    package init(
        caFile: String? = nil, identity: TLSIdentity? = nil, serverName: String? = nil,
        minimumVersion: TLSVersion = .tls12, maximumVersion: TLSVersion = .tls13,
        applicationProtocols: [String] = ["ttrpc"]
    ) {
        self.caFile = caFile
        self.identity = identity
        self.serverName = serverName
        self.minimumVersion = minimumVersion
        self.maximumVersion = maximumVersion
        self.applicationProtocols = applicationProtocols
    }
}
