internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Transport

/// The plain HTTP/1.1 listener for operators and their monitoring; loopback unless told otherwise.
final class AdminListener: Sendable {
    private static let connectionsMax = 64
    private let channel: any Channel
    let address: HostAndPort

    private init(_ channel: any Channel, _ address: HostAndPort) {
        self.channel = channel
        self.address = address
    }

    /// Listens on `socket`, which is bound to `address`.
    static func listen(on socket: BoundSocket, _ address: HostAndPort, pages: AdminPages)
        async throws -> AdminListener
    {
        let requiresLoopbackHost = address.isLoopback
        let open = ConnectionCount(max: connectionsMax)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard open.enter() else { throw ChannelError.operationUnsupported }
                    channel.closeFuture.whenComplete { _ in open.leave() }
                    // Small heads only: NIO's parser itself refuses more than 80 KiB.
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withPipeliningAssistance: false, withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(
                        AdminHandler(pages: pages, requiresLoopbackHost: requiresLoopbackHost))
                }
            }
            .withBoundSocket(socket.take()).get()
        return AdminListener(
            channel, HostAndPort(host: address.host, port: channel.localAddress?.port ?? 0))
    }

    func close() async {
        try? await channel.close()
    }
}
