import NIOCore
import NIOPosix
import Synchronization

/// A server on a port of its own that takes HTTP/1.1 requests and answers with whatever bytes it is told to.
final class RawServer: Sendable {
    struct Request: Sendable {
        /// Of the connection it came on, from 0.
        let connection: Int
        /// Its lines, without the empty one.
        let lines: [String]
        let body: [UInt8]

        var method: String { lines[0].split(separator: " ").first.map(String.init) ?? "" }
        var path: String { lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? "" }
    }

    enum Answer: Sendable {
        case bytes([UInt8])
        case bytesAndClose([UInt8])
        case nothing

        static func text(_ text: String) -> Answer { .bytes(Array(text.utf8)) }
        static func textAndClose(_ text: String) -> Answer { .bytesAndClose(Array(text.utf8)) }
        static let close = Answer.bytesAndClose([])

        /// 200 with this body.
        static func ok(_ body: String = "") -> Answer {
            .text("HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)")
        }
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var closed = 0
        var waiters: [(isDone: @Sendable (State) -> Bool, CheckedContinuation<Void, Never>)] = []
    }

    let port: Int
    private let channel: any Channel
    private let shared: Shared

    private final class Shared: Sendable {
        let state = Mutex(State())
        let answer: @Sendable (Request) -> Answer

        init(_ answer: @escaping @Sendable (Request) -> Answer) { self.answer = answer }

        func change(_ body: (inout State) -> Void) {
            let ready = state.withLock { state in
                body(&state)
                let now = state
                state.waiters.removeAll { $0.isDone(now) }
                return now.waiters.filter { $0.isDone(now) }.map { $0.1 }
            }
            for continuation in ready { continuation.resume() }
        }

        func wait(_ isDone: @escaping @Sendable (State) -> Bool) async {
            await withCheckedContinuation { continuation in
                let isDoneNow = state.withLock { state in
                    if isDone(state) { return true }
                    state.waiters.append((isDone, continuation))
                    return false
                }
                if isDoneNow { continuation.resume() }
            }
        }
    }

    init(
        host: String = "127.0.0.1", port: Int = 0,
        _ answer: @escaping @Sendable (Request) -> Answer
    ) async throws {
        let shared = Shared(answer)
        self.shared = shared
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(shared))
                }
            }
            .bind(host: host, port: port).get()
        self.port = channel.localAddress?.port ?? 0
    }

    var requests: [Request] { shared.state.withLock { $0.requests } }
    var connections: Int { shared.state.withLock { $0.connections } }

    func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Returns when this many requests have come.
    func received(_ count: Int) async { await shared.wait { $0.requests.count >= count } }

    /// Returns when this many connections were closed.
    func closed(_ count: Int) async { await shared.wait { $0.closed >= count } }

    func stop() async throws { try await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let shared: Shared
        private var received: [UInt8] = []
        private var number = 0

        init(_ shared: Shared) { self.shared = shared }

        func channelActive(context: ChannelHandlerContext) {
            shared.change { state in
                number = state.connections
                state.connections += 1
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            shared.change { $0.closed += 1 }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += Array(unwrapInboundIn(data).readableBytesView)
            while let request = next() {
                shared.change { $0.requests.append(request) }
                switch shared.answer(request) {
                case .bytes(let bytes):
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                case .bytesAndClose(let bytes):
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                    return context.close(promise: nil)
                case .nothing: break
                }
            }
        }

        private func next() -> Request? {
            guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            let lines = String(decoding: received[..<end.lowerBound], as: UTF8.self)
                .split(separator: "\r\n").map(String.init)
            guard lines.first?.contains("HTTP/1.1") ?? false else { return nil }
            let length =
                lines.first { $0.lowercased().hasPrefix("content-length: ") }
                .flatMap { Int($0.dropFirst("content-length: ".count)) } ?? 0
            guard received.count >= end.upperBound + length else { return nil }
            let body = Array(received[end.upperBound..<end.upperBound + length])
            received.removeFirst(end.upperBound + length)
            return Request(connection: number, lines: lines, body: body)
        }
    }
}
