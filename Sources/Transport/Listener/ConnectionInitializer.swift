internal import Logging
internal import NIOCore
internal import RPC

/// Builds the pipelines of a listener's connections.
///
/// ```
/// socket ─ StallHandler ─ TLSHandler ─ ProtocolSelector ⇒ ttrpc │ HTTP/2 │ HTTP/1.1
/// ```
struct ConnectionInitializer: Sendable {
    private let configuration: ListenerConfiguration
    private let connections: OpenConnections
    private let metrics = TransportMetrics()
    private let turns: [ObjectIdentifier: EventLoopTurn]

    /// - Parameter turns: of every event loop that connections may live on.
    init(
        _ configuration: ListenerConfiguration, _ connections: OpenConnections,
        turns: [ObjectIdentifier: EventLoopTurn]
    ) {
        self.configuration = configuration
        self.connections = connections
        self.turns = turns
    }

    /// Sets up a connection that was just accepted; on its event loop.
    /// - Throws: what keeps it from being served; it is closed then.
    func accepted(_ channel: any Channel) throws {
        let limits = configuration.limits
        guard connections.add(channel) else {
            metrics.connectionRefused()
            configuration.logger.debug(
                "connection refused",
                metadata: ["reason": "more than \(limits.connectionsMax) connections"])
            throw TooManyConnections(limit: limits.connectionsMax)
        }
        metrics.connectionAccepted()
        let closed = configuration.connectionClosed
        channel.closeFuture.assumeIsolated().whenComplete { [connections, metrics] _ in
            connections.remove(channel)
            metrics.connectionClosed()
            closed()
        }
        let remoteAddress = channel.remoteAddress.map(Self.text(of:)) ?? "unknown"
        var logger = configuration.logger
        logger[metadataKey: "peer"] = "\(remoteAddress)"
        logger.debug("connection accepted")
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(StallHandler(limits: limits, metrics: metrics))
        try pipeline.addHandler(TLSHandler.server(configuration.tls.current, limits: limits))
        try pipeline.addHandler(
            ProtocolSelector(limits: limits, logger: logger) { selected, handshake, context in
                try configure(
                    selected, handshake, context, remoteAddress: remoteAddress, logger: logger)
            })
    }

    private func configure(
        _ selected: NegotiatedProtocol, _ handshake: TLSHandshakeCompleted,
        _ context: ChannelHandlerContext, remoteAddress: String, logger: Logger
    ) throws {
        var limits = CallRunner.Limits()
        limits.answerBytesMax = configuration.limits.messageBytesMax
        let connection = ConnectionContext(
            wireProtocol: selected.wireProtocol, remoteAddress: remoteAddress,
            clientCertificate: handshake.peer.map {
                ConnectionContext.ClientCertificate(
                    commonName: $0.commonName, subject: $0.subject)
            })
        let runner = CallRunner(
            router: configuration.router, connection: connection, eventLoop: context.eventLoop,
            logger: logger, limits: limits)
        let served = ListenerConfiguration.Connection(
            runner: runner, http: configuration.http, limits: configuration.limits, logger: logger)
        let pipeline = context.pipeline.syncOperations
        switch selected {
        case .ttrpc:
            guard let turn = turns[ObjectIdentifier(context.eventLoop)] else {
                throw NotServed(name: "ttrpc")
            }
            try pipeline.addHandler(
                TTRPCServerHandler(
                    runner: runner, turn: turn, limits: configuration.limits, logger: logger))
        case .http2:
            guard let http2 = configuration.http2 else { throw NotServed(name: "HTTP/2") }
            try http2(served, pipeline)
        case .http1:
            try configuration.http1(served, pipeline)
        }
    }

    /// For example `127.0.0.1:51234` or `[::1]:51234`.
    static func text(of address: SocketAddress) -> String {
        guard let host = address.ipAddress, let port = address.port else { return "\(address)" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// A connection beyond the limit.
private struct TooManyConnections: Error, CustomStringConvertible {
    let limit: Int
    var description: String { "more than \(limit) connections" }
}

/// A protocol no handler was configured for.
private struct NotServed: Error, CustomStringConvertible {
    let name: String
    var description: String { "\(name) is not served here" }
}

extension NegotiatedProtocol {
    fileprivate var wireProtocol: ConnectionContext.WireProtocol {
        switch self {
        case .ttrpc: .ttrpc
        case .http2: .grpc
        case .http1: .http
        }
    }
}
