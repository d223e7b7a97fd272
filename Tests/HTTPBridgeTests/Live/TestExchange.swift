import HTTPTypes
import NIOCore
import NIOPosix
import RPC
import Synchronization

@testable import Transport

/// One request that comes from memory, and its answer as it comes.
final class TestExchange: HTTPSink, Sendable {
    /// What was answered so far.
    struct Answer: Sendable {
        var head: HTTPResponse?
        var body = ""
        var isFinished = false
        var isAborted = false
        /// The handler has returned.
        var isReleased = false

        var status: Int { head?.status.code ?? 0 }
    }

    private struct State {
        var answer = Answer()
        var takes: Bool
        var exchange: HTTPExchange?
        var waiting: [(isDone: @Sendable (Answer) -> Bool, CheckedContinuation<Answer, Never>)] = []
    }

    private static let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()
    private let state: Mutex<State>

    /// - Parameter reads: whether the client takes what is sent.
    private init(reads: Bool) { state = Mutex(State(takes: reads)) }

    /// Sends a request to `handler`.
    static func send(
        _ method: HTTPRequest.Method, _ path: String, _ fields: HTTPFields = [:],
        body: String? = nil, to handler: any HTTPHandler, reads: Bool = true
    ) -> TestExchange {
        let sink = TestExchange(reads: reads)
        let request = HTTPRequest(
            method: method, scheme: "https", authority: "localhost", path: path,
            headerFields: fields)
        loop.execute {
            let peer = HTTPPeer(
                version: .http1,
                connection: ConnectionContext(
                    wireProtocol: .http, remoteAddress: "127.0.0.1:1", clientCertificate: nil))
            let exchange = HTTPExchange(
                request, peer: peer, eventLoop: loop, limits: HTTPLimits(), sink: sink)
            sink.state.withLock { $0.exchange = exchange }
            if let body { _ = exchange.receivedBody(ByteBuffer(string: body)) }
            exchange.receivedEnd()
            exchange.begin(handler, executor: EventLoopTaskExecutor(loop))
        }
        return sink
    }

    /// The answer once it is as wanted.
    func answer(_ isDone: @escaping @Sendable (Answer) -> Bool) async -> Answer {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state -> Answer? in
                if isDone(state.answer) { return state.answer }
                state.waiting.append((isDone, continuation))
                return nil
            }
            if let ready { continuation.resume(returning: ready) }
        }
    }

    /// The whole answer.
    func whole() async -> Answer { await answer { $0.isReleased } }

    /// The client takes what is sent from now on.
    func read() {
        Self.loop.execute {
            let exchange = self.state.withLock { state in
                state.takes = true
                return state.exchange
            }
            exchange?.becameWritable()
        }
    }

    /// The client goes away.
    func leave() {
        Self.loop.execute { self.state.withLock { $0.exchange }?.cancel() }
    }

    private func change(_ change: (inout State) -> Void) {
        let done = state.withLock { state in
            change(&state)
            let answer = state.answer
            let done = state.waiting.filter { $0.isDone(answer) }
            state.waiting.removeAll { $0.isDone(answer) }
            return done.map { ($0.1, answer) }
        }
        for (continuation, answer) in done { continuation.resume(returning: answer) }
    }

    // MARK: HTTPSink

    func send(_ head: HTTPResponse) { change { $0.answer.head = head } }

    func send(_ bytes: ByteBuffer) -> Bool {
        change { $0.answer.body += String(buffer: bytes) }
        return state.withLock { $0.takes }
    }

    func finish(_ trailers: HTTPFields?) { change { $0.answer.isFinished = true } }
    func abort() { change { $0.answer.isAborted = true } }
    func bodyWanted() {}
    func bodyTaken(_ byteCount: Int) {}
    func upgradeToWebSocket() -> EventLoopFuture<WebSocket>? { nil }

    func exchangeReleased() {
        change { state in
            state.exchange = nil
            state.answer.isReleased = true
        }
    }
}
