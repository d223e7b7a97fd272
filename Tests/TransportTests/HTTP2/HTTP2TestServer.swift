import Logging
import NIOCore
import NIOPosix
import RPC

@testable import Transport

/// A real server on a loopback socket, plain HTTP/2 with prior knowledge, for one test.
struct HTTP2TestServer {
    let address: SocketAddress
    private let channel: any Channel
    let connections: ConnectionLog

    /// The connections the server accepted, and what became of them.
    final class ConnectionLog: @unchecked Sendable {
        // Sendable because it is touched on the one event loop only.
        var accepted: [any Channel] = []
    }

    /// Two threads of these tests' own: other suites keep the shared ones busy with megabytes.
    static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    static let eventLoop = group.next()

    /// Starts a server; stop it with `stop`.
    static func start(
        _ router: Router, limits: HTTP2Limits = HTTP2Limits()
    ) async throws -> HTTP2TestServer {
        let log = ConnectionLog()
        let channel = try await ServerBootstrap(group: eventLoop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                log.accepted.append(channel)
                let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                let runner = CallRunner(
                    router: router,
                    connection: ConnectionContext(
                        wireProtocol: .grpc, remoteAddress: "test", clientCertificate: nil),
                    eventLoop: channel.eventLoop, logger: logger)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        HTTP2Connection(runner: runner, limits: limits, logger: logger))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
        return HTTP2TestServer(address: address, channel: channel, connections: log)
    }

    /// Tells every connection to drain.
    func drain() async throws {
        try await Self.eventLoop.submit {
            for channel in connections.accepted {
                channel.pipeline.fireUserInboundEventTriggered(BeginDrain())
            }
        }.get()
    }

    /// Closes the listener and every connection.
    func stop() async throws {
        try await channel.close()
        try await Self.eventLoop.submit {
            for channel in connections.accepted { channel.close(promise: nil) }
        }.get()
    }
}

extension Router {
    /// A router with one method, `/test.Echo/<kind>`, for each kind of call that gives back what it
    /// gets.
    static func echo(
        interceptors: [any Interceptor] = [],
        _ more: [(MethodDescriptor, MethodHandler)] = []
    ) -> Router {
        var router = Router(interceptors: interceptors)
        func add(_ name: String, _ kind: CallKind, _ handler: MethodHandler) {
            router.register(
                MethodDescriptor(service: "test.Echo", method: name, kind: kind), handler)
        }
        add("Unary", .unary, .unary { request, _ in request })
        add(
            "ServerStreaming", .serverStreaming,
            .serverStreaming { request, writer, _ in
                for _ in 0..<3 { try await writer.write(request) }
            })
        add(
            "ClientStreaming", .clientStreaming,
            .clientStreaming { reader, _ in
                var all = ByteBuffer()
                while var message = try await reader.next() { all.writeBuffer(&message) }
                return all
            })
        add(
            "Bidirectional", .bidirectional,
            .bidirectional { reader, writer, _ in
                while let message = try await reader.next() { try await writer.write(message) }
            })
        for (descriptor, handler) in more { router.register(descriptor, handler) }
        return router
    }
}
