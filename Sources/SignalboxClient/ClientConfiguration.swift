/// Where a client connects to, whom it trusts, and who it is.
public struct ClientConfiguration: Sendable, Equatable {
    /// `HOST:PORT`; an IPv6 address in brackets. Without a port: 7443.
    public var server: String
    /// The authorities that sign the server's certificate, a PEM file; nil: those of the system.
    public var caFile: String?
    /// The token to authenticate each connection with; nil: none.
    public var token: String?
    /// A client certificate with its key, PEM files; nil: none.
    public var certificate: Certificate?
    /// Whom the server's certificate must be for; nil: the host of `server`.
    public var serverName: String?

    /// A client certificate.
    public struct Certificate: Sendable, Equatable {
        /// The leaf first, then its issuers.
        public var chainFile: String
        /// Not encrypted.
        public var privateKeyFile: String

        /// A certificate in two files.
        public init(chainFile: String, privateKeyFile: String) {
            self.chainFile = chainFile
            self.privateKeyFile = privateKeyFile
        }
    }

    /// The port where none is given.
    public static let defaultPort = 7443

    /// A client's settings.
    public init(
        server: String = "127.0.0.1:7443", caFile: String? = nil, token: String? = nil,
        certificate: Certificate? = nil, serverName: String? = nil
    ) {
        self.server = server
        self.caFile = caFile
        self.token = token
        self.certificate = certificate
        self.serverName = serverName
    }

    /// `server` in its parts; nil if it is none.
    var address: (host: String, port: Int)? {
        var host = server[...]
        var port = Self.defaultPort
        if let end = server.lastIndex(of: "]"), server.first == "[" {
            host = server[server.index(after: server.startIndex)..<end]
            let rest = server[server.index(after: end)...]
            if !rest.isEmpty {
                guard rest.first == ":", let number = Int(rest.dropFirst()) else { return nil }
                port = number
            }
        } else if let colon = server.lastIndex(of: ":") {
            guard server.firstIndex(of: ":") == colon,
                let number = Int(server[server.index(after: colon)...])
            else { return nil }
            host = server[..<colon]
            port = number
        }
        guard !host.isEmpty, (1...65_535).contains(port) else { return nil }
        return (String(host), port)
    }
}
