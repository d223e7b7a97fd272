package import RPC

/// Serves HTTP requests, whichever version they came by: the seam between sockets and the bridge.
package protocol HTTPHandler: Sendable {
    /// Answers one request.
    ///
    /// Runs as one task on the connection's event loop, started in the turn that the request was
    /// read in; what may hold the loop for more than about 100 µs belongs elsewhere. The task is
    /// cancelled when the client gives the request up or the connection closes. A request that it
    /// returns from unanswered is answered with 500.
    func serve(_ exchange: HTTPExchange) async
}

/// The other end of an HTTP request's connection.
package struct HTTPPeer: Sendable {
    /// The version that was negotiated.
    package enum Version: String, Sendable {
        case http1 = "HTTP/1.1"
        case http2 = "HTTP/2"
    }

    package let version: Version
    /// Shared with the RPC calls of the same connection: address, certificate.
    package let connection: ConnectionContext
    /// The port of the plain-HTTP loopback listener that it came by; nil: it came by TLS.
    package let localPort: Int?

    package init(version: Version, connection: ConnectionContext, localPort: Int? = nil) {
        self.version = version
        self.connection = connection
        self.localPort = localPort
    }
}
