internal import NIOCore

extension ListenerConfiguration {
    /// Serves gRPC, and all other requests of the HTTP handler, on connections that negotiated `h2`.
    static let serveHTTP2: Configure = { connection, pipeline in
        try pipeline.addHandler(
            HTTP2Connection(
                runner: connection.runner, http: connection.http,
                limits: HTTP2Limits(connection.limits), logger: connection.logger))
    }
}

extension HTTP2Limits {
    /// The bounds that all protocols of a listener share, and defaults for the others.
    package init(_ limits: TransportLimits) {
        self.init()
        http = limits.http
        requestMessageBytesMax = limits.messageBytesMax
        concurrentCallsMax = limits.callsPerConnectionMax
        streamQueueBytesMax = limits.streamQueueBytesMax
        headerListBytesMax = limits.metadataBytesMax
        idleMax = TimeAmount(limits.idleTimeout)
        stallTimeout = TimeAmount(limits.writeStallTimeout)
        // The listener closes what outlasts the grace of its own shutdown.
        drainGrace = nil
    }
}
