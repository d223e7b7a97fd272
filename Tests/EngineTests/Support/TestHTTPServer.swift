import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small HTTP server on a port of its own that answers from a table and remembers what it got.
final class TestHTTPServer: Sendable {
    struct Answer: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body = ""
    }

    struct Seen: Sendable {
        let method: String
        let path: String
        let headers: HTTPHeaders
        let body: String

        func header(_ name: String) -> String? { headers.first(name: name) }
    }

    private let channel: any Channel
    private let seenRequests: Mutex<[Seen]>
    private let answer: @Sendable (Seen) -> Answer?

    /// - Parameter answer: nil: never answers.
    static func start(_ answer: @escaping @Sendable (Seen) -> Answer?) async throws
        -> TestHTTPServer
    {
        let box = Mutex<TestHTTPServer?>(nil)
        let relay = Relay()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(relay: relay))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = TestHTTPServer(channel, answer)
        relay.server.withLock { $0 = server }
        box.withLock { $0 = server }
        return server
    }

    private init(_ channel: any Channel, _ answer: @escaping @Sendable (Seen) -> Answer?) {
        self.channel = channel
        self.answer = answer
        seenRequests = Mutex([])
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    var seen: [Seen] { seenRequests.withLock { $0 } }

    func stop() async throws { try await channel.close() }

    private func take(_ request: Seen) -> Answer? {
        seenRequests.withLock { $0.append(request) }
        return answer(request)
    }

    private final class Relay: Sendable {
        let server = Mutex<TestHTTPServer?>(nil)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let relay: Relay
        private var head: HTTPRequestHead?
        private var body = ""

        init(relay: Relay) { self.relay = relay }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = ""
            case .body(let buffer):
                body += String(buffer: buffer)
            case .end:
                guard let head, let server = relay.server.withLock({ $0 }) else { return }
                let seen = Seen(
                    method: head.method.rawValue, path: head.uri, headers: head.headers, body: body)
                guard let answer = server.take(seen) else { return }
                var headers = HTTPHeaders(answer.headers)
                headers.add(name: "content-length", value: "\(answer.body.utf8.count)")
                let response = HTTPResponseHead(
                    version: .http1_1, status: .init(statusCode: answer.status), headers: headers)
                context.write(wrapOutboundOut(.head(response)), promise: nil)
                context.write(
                    wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer.body)))),
                    promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
