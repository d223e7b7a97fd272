package import Logging
internal import NIOCore
internal import NIOPosix
internal import RPC

/// A plain HTTP/1.1 port for programs of this machine that speak no TLS. What it is bound to must be
/// a loopback address; whom it trusts is the handler's business (`HTTPPeer.localPort`).
package final class LocalListener: Sendable {
    /// The port that is listened on.
    package let port: Int
    private let channel: any Channel
    private let connections: OpenConnections

    private init(_ channel: any Channel, port: Int, _ connections: OpenConnections) {
        self.channel = channel
        self.port = port
        self.connections = connections
    }

    /// Listens on an address that was taken before.
    /// - Throws: an `IOError` if it cannot be listened on, `NotLoopback` if others can reach it.
    package static func listen(
        on socket: BoundSocket, http: any HTTPHandler, limits: TransportLimits, logger: Logger
    ) async throws -> LocalListener {
        let connections = OpenConnections(max: limits.connectionsMax)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(
                    low: limits.socketQueueBytesMax / 2, high: limits.socketQueueBytesMax)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try accepted(channel, connections, http, limits, logger)
                }
            }
            .withBoundSocket(socket.take()).get()
        guard let address = channel.localAddress, let port = address.port, address.isLoopback else {
            try? await channel.close()
            throw NotLoopback(address: channel.localAddress.map { "\($0)" } ?? "none")
        }
        return LocalListener(channel, port: port, connections)
    }

    private static func accepted(
        _ channel: any Channel, _ connections: OpenConnections, _ http: any HTTPHandler,
        _ limits: TransportLimits, _ logger: Logger
    ) throws {
        guard connections.add(channel) else { throw ChannelError.operationUnsupported }
        channel.closeFuture.assumeIsolated().whenComplete { _ in connections.remove(channel) }
        let remoteAddress = channel.remoteAddress.map(ConnectionInitializer.text) ?? "unknown"
        var logger = logger
        logger[metadataKey: "peer"] = "\(remoteAddress)"
        let peer = HTTPPeer(
            version: .http1,
            connection: ConnectionContext(
                wireProtocol: .http, remoteAddress: remoteAddress, clientCertificate: nil),
            localPort: channel.localAddress?.port ?? 0)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(StallHandler(limits: limits, metrics: nil))
        try pipeline.serveHTTP1(
            http, peer: peer, eventLoop: channel.eventLoop, limits: limits, logger: logger)
    }

    /// As `Listener.shutDown`.
    package func shutDown(grace: Duration) async {
        try? await channel.close()
        let open = connections.stop()
        for connection in open {
            connection.pipeline.fireUserInboundEventTriggered(BeginDrain())
        }
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(grace)) {
            for connection in open { connection.close(mode: .all, promise: nil) }
        }
        for connection in open { try? await connection.closeFuture.get() }
        timer.cancel()
    }

    /// The address can be reached from other machines.
    package struct NotLoopback: Error, CustomStringConvertible {
        let address: String
        package var description: String { "expected a loopback address, got \(address)" }
    }
}

extension SocketAddress {
    /// Whether only this machine can reach it.
    fileprivate var isLoopback: Bool {
        guard let ip = ipAddress else { return false }
        return ip == "::1" || ip.hasPrefix("127.")
    }
}
