package import Logging
package import NIOCore
internal import NIOHTTP1
package import RPC

/// What a listener serves, and within which bounds.
package struct ListenerConfiguration: Sendable {
    /// What a protocol's handlers get to know of their connection.
    package struct Connection: Sendable {
        /// Shared by the calls of the connection; makes and runs them.
        package let runner: CallRunner
        /// Serves requests that are no calls; nil: there is nobody.
        package let http: (any HTTPHandler)?
        package let limits: TransportLimits
        package let logger: Logger
    }

    /// Puts a protocol's handlers at the end of a connection's pipeline; runs on its event loop,
    /// after the TLS handshake, on an active channel.
    package typealias Configure =
        @Sendable (
            Connection, ChannelPipeline.SynchronousOperations
        ) throws -> Void

    package var router: Router
    package var tls: TLSContextStore
    package var limits: TransportLimits
    package var logger: Logger
    /// Serves HTTP requests that are no calls; nil: they get 404.
    package var http: (any HTTPHandler)?
    /// Told after each connection's end, on its event loop.
    package var connectionClosed: @Sendable () -> Void
    /// The handlers of HTTP/2 connections; nil: they are closed.
    package var http2: Configure?
    /// The handlers of HTTP/1.1 connections.
    package var http1: Configure

    /// A listener that serves the calls of `router` over ttrpc and gRPC, and what `http` serves.
    package init(
        router: Router, http: (any HTTPHandler)? = nil, tls: TLSContextStore,
        limits: TransportLimits = TransportLimits(),
        logger: Logger = Logger(label: "signalbox.transport"),
        connectionClosed: @escaping @Sendable () -> Void = {}
    ) {
        self.router = router
        self.http = http
        self.tls = tls
        self.limits = limits
        self.logger = logger
        self.connectionClosed = connectionClosed
        http1 = Self.serveHTTP1
        http2 = Self.serveHTTP2
    }

    private static let serveHTTP1: Configure = { connection, pipeline in
        if let http = connection.http {
            return try pipeline.serveHTTP1(
                http, peer: HTTPPeer(version: .http1, connection: connection.runner.connection),
                eventLoop: connection.runner.eventLoop, limits: connection.limits,
                logger: connection.logger)
        }
        try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
        try pipeline.addHandler(NotFoundHandler())
    }
}
