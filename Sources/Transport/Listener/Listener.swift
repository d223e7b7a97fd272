internal import Logging
package import NIOCore
internal import NIOPosix

/// One TLS port that speaks every protocol (DESIGN, section 4).
///
/// Each accepted connection does its TLS handshake, tells by ALPN or its first bytes what it
/// speaks, and gets that protocol's handlers. Safe to use from any thread.
package final class Listener: Sendable {
    /// The address that is listened on, with the real port where 0 was asked for.
    package let localAddress: SocketAddress
    private let channel: any Channel
    private let connections: OpenConnections
    private let turns: [EventLoopTurn]
    private let logger: Logger

    private init(
        _ channel: any Channel, _ localAddress: SocketAddress, _ connections: OpenConnections,
        _ turns: [EventLoopTurn], _ logger: Logger
    ) {
        self.channel = channel
        self.localAddress = localAddress
        self.connections = connections
        self.turns = turns
        self.logger = logger
    }

    /// Listens on `host`, a name or an IPv4 or IPv6 address, and `port`; 0 takes a free one.
    /// - Parameter group: the event loops; nil: those the whole process shares.
    /// - Throws: an `IOError` or resolver error if the address cannot be had.
    package static func bind(
        host: String, port: Int, _ configuration: ListenerConfiguration,
        group: (any EventLoopGroup)? = nil
    ) async throws -> Listener {
        try await listen(on: BoundSocket(host: host, port: port), configuration, group: group)
    }

    /// Listens on an address that was taken before.
    /// - Throws: an `IOError`, also if somebody else listens on it by now.
    package static func listen(
        on socket: BoundSocket, _ configuration: ListenerConfiguration,
        group: (any EventLoopGroup)? = nil
    ) async throws -> Listener {
        let group = group ?? MultiThreadedEventLoopGroup.singleton
        var turns: [ObjectIdentifier: EventLoopTurn] = [:]
        do {
            for eventLoop in group.makeIterator() {
                turns[ObjectIdentifier(eventLoop)] = try await EventLoopTurn.of(eventLoop)
            }
            return try await listen(socket, configuration, group, turns)
        } catch {
            for turn in turns.values { await turn.close() }
            throw error
        }
    }

    private static func listen(
        _ socket: BoundSocket, _ configuration: ListenerConfiguration,
        _ group: any EventLoopGroup, _ turns: [ObjectIdentifier: EventLoopTurn]
    ) async throws -> Listener {
        let limits = configuration.limits
        let connections = OpenConnections(max: limits.connectionsMax)
        let initializer = ConnectionInitializer(configuration, connections, turns: turns)
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(
                    low: limits.socketQueueBytesMax / 2, high: limits.socketQueueBytesMax)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try initializer.accepted(channel) }
            }
            .withBoundSocket(socket.take()).get()
        guard let localAddress = channel.localAddress else {
            throw ChannelError.unknownLocalAddress
        }
        return Listener(
            channel, localAddress, connections, Array(turns.values), configuration.logger)
    }

    /// The port that is listened on.
    package var port: Int { localAddress.port ?? 0 }

    /// How many connections are open.
    package var connectionCount: Int { connections.count }

    /// Stops accepting, lets the running calls end, and closes; after `grace` whatever still runs
    /// is cancelled. Returns when all connections are closed; a second call does so too.
    package func shutDown(grace: Duration) async {
        try? await channel.close()
        let open = connections.stop()
        logger.debug("listener stops", metadata: ["connections": "\(open.count)"])
        for connection in open {
            connection.pipeline.fireUserInboundEventTriggered(BeginDrain())
        }
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(grace)) {
            for connection in open { connection.close(mode: .all, promise: nil) }
        }
        for connection in open { try? await connection.closeFuture.get() }
        timer.cancel()
        for turn in turns { await turn.close() }
    }

    /// Returns when nothing is accepted any more.
    package func closed() async throws {
        try await channel.closeFuture.get()
    }
}
