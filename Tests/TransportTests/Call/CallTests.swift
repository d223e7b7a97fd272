import Logging
import NIOCore
import NIOPosix
import RPC
import Synchronization
import Testing

@testable import Transport

/// Remembers what a call told its stream.
private final class RecordingSink: CallSink, @unchecked Sendable {
    // Sendable because it is touched on the event loop, or after `released` was awaited.
    var sent: [ByteBuffer] = []
    var initialMetadata: [Metadata] = []
    var answer: CallAnswer?
    var takenByteCount = 0
    var room = Int.max
    let released: EventLoopPromise<Void>
    let filled: EventLoopPromise<Void>

    init(on eventLoop: any EventLoop) {
        released = eventLoop.makePromise()
        filled = eventLoop.makePromise()
    }

    func send(_ message: ByteBuffer, initialMetadata: Metadata?) -> Bool {
        sent.append(message)
        if let initialMetadata { self.initialMetadata.append(initialMetadata) }
        room -= 1
        if room <= 0 { filled.succeed() }
        return room > 0
    }
    func finish(_ answer: CallAnswer) { self.answer = answer }
    func requestMessageTaken(byteCount: Int) { takenByteCount += byteCount }
    func callReleased() {
        filled.succeed()
        released.succeed()
    }
}

private struct SomethingElse: Error {}

@Suite struct CallTests {
    let eventLoop = MultiThreadedEventLoopGroup.singleton.next()

    /// Runs one call of `handler` and gives back what its sink saw.
    private func run(
        _ kind: CallKind, _ handler: MethodHandler, interceptors: [any Interceptor] = [],
        deadline: ContinuousClock.Instant? = nil, answerBytesMax: Int = 4 << 20, room: Int = .max,
        drive: @escaping @Sendable (Call, RecordingSink) -> Void
    ) async throws -> RecordingSink {
        var limits = CallRunner.Limits()
        limits.answerBytesMax = answerBytesMax
        var router = Router(interceptors: interceptors)
        let descriptor = MethodDescriptor(service: "test.Service", method: "Method", kind: kind)
        router.register(descriptor, handler)
        let runner = CallRunner(
            router: router,
            connection: ConnectionContext(
                wireProtocol: .grpc, remoteAddress: "test", clientCertificate: nil),
            eventLoop: eventLoop, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            limits: limits)
        let route = try #require(router.route(path: "/test.Service/Method"))
        let sink = RecordingSink(on: eventLoop)
        sink.room = room
        eventLoop.execute {
            let call = runner.makeCall(route, metadata: [:], deadline: deadline, sink: sink)
            call.begin()
            drive(call, sink)
        }
        try await sink.released.futureResult.get()
        return sink
    }

    @Test func `a handler that does not wait answers before its request's last step returns`()
        async throws
    {
        let answeredAtOnce = Mutex(false)
        let sink = try await run(.unary, .unary { request, _ in request }) { call, sink in
            call.receivedMessage(ByteBuffer(string: "hello"))
            call.receivedEnd()
            answeredAtOnce.withLock { $0 = sink.answer != nil }
        }
        #expect(answeredAtOnce.withLock { $0 })
        #expect(sink.answer?.message == ByteBuffer(string: "hello"))
        #expect(sink.answer?.error == nil)
    }

    @Test func `metadata of the answer goes with the first message and with the status`()
        async throws
    {
        let handler = MethodHandler.serverStreaming { _, writer, context in
            context.response.initial = ["first": "1"]
            context.response.trailing = ["last": "2"]
            try await writer.write(ByteBuffer(string: "a"))
            try await writer.write(ByteBuffer(string: "b"))
        }
        let sink = try await run(.serverStreaming, handler) { call, _ in
            call.receivedMessage(ByteBuffer())
            call.receivedEnd()
        }
        #expect(sink.sent == [ByteBuffer(string: "a"), ByteBuffer(string: "b")])
        #expect(sink.initialMetadata == [["first": "1"]])
        #expect(sink.answer == CallAnswer(trailers: ["last": "2"]))
    }

    @Test(arguments: [
        (RPCError(.notFound, "no such thing") as any Error, StatusCode.notFound, "no such thing"),
        (CancellationError(), .cancelled, "the call was cancelled"),
        (SomethingElse(), .unknown, "the handler failed"),
    ])
    func `a thrown error becomes a status`(error: any Error, code: StatusCode, message: String)
        async throws
    {
        let sink = try await run(.unary, .unary { _, _ in throw error }) { call, _ in
            call.receivedMessage(ByteBuffer())
            call.receivedEnd()
        }
        #expect(sink.answer?.error?.code == code)
        #expect(sink.answer?.error?.message == message)
    }

    @Test func `a deadline that has passed ends the call before a handler runs`() async throws {
        let handler = MethodHandler.unary { request, _ in
            Issue.record("the handler ran")
            return request
        }
        let sink = try await run(.unary, handler, deadline: .now - .seconds(1)) { call, _ in
            call.receivedMessage(ByteBuffer())
            call.receivedEnd()
        }
        #expect(sink.answer?.error?.code == .deadlineExceeded)
    }

    @Test func `the deadline cancels a handler that waits`() async throws {
        let didStart = Mutex(false)
        let wasCancelled = Mutex(false)
        let handler = MethodHandler.unary { request, _ in
            didStart.withLock { $0 = true }
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                wasCancelled.withLock { $0 = true }
            }
            return request
        }
        let sink = try await run(.unary, handler, deadline: .now + .milliseconds(200)) { call, _ in
            call.receivedMessage(ByteBuffer())
            call.receivedEnd()
        }
        #expect(sink.answer?.error?.code == .deadlineExceeded)
        // On a very busy machine the deadline passes before the handler starts.
        #expect(wasCancelled.withLock { $0 } == didStart.withLock { $0 })
    }

    @Test func `a request that never becomes complete ends at its deadline`() async throws {
        let sink = try await run(
            .unary, .unary { request, _ in request }, deadline: .now + .milliseconds(2)
        ) { call, _ in call.readPaused() }
        #expect(sink.answer?.error?.code == .deadlineExceeded)
    }

    @Test func `a call cancelled by its peer gets no answer and is released when its handler ends`()
        async throws
    {
        let handler = MethodHandler.bidirectional { reader, _, _ in
            await #expect(throws: CancellationError.self) { try await reader.next() }
        }
        let sink = try await run(.bidirectional, handler) { call, sink in
            call.cancel()
            #expect(call.state.phase == .abandoned)
        }
        #expect(sink.answer == nil)
    }

    @Test func `a handler reads the request's messages in order, and each gives its room back`()
        async throws
    {
        let handler = MethodHandler.clientStreaming { reader, _ in
            var all = ByteBuffer()
            while var message = try await reader.next() { all.writeBuffer(&message) }
            return all
        }
        let sink = try await run(.clientStreaming, handler) { call, _ in
            // The first finds the handler waiting, the others find it not yet back.
            for text in ["ab", "cd", "ef"] { call.receivedMessage(ByteBuffer(string: text)) }
            call.receivedEnd()
        }
        #expect(sink.answer?.message == ByteBuffer(string: "abcdef"))
        #expect(sink.takenByteCount == 6)
    }

    @Test func `a violation of the protocol reaches the reader and the peer`() async throws {
        let seen = Mutex<RPCError?>(nil)
        let handler = MethodHandler.clientStreaming { reader, _ in
            do {
                _ = try await reader.next()
            } catch let error as RPCError {
                seen.withLock { $0 = error }
            }
            return ByteBuffer()
        }
        let violation = RPCError(.internal, "broken frame")
        let sink = try await run(.clientStreaming, handler) { call, _ in call.fail(violation) }
        #expect(sink.answer?.error == violation)
        #expect(seen.withLock { $0 } == violation)
    }

    @Test func `a writer waits while its stream is full and goes on when it is not`() async throws {
        let written = Mutex(0)
        let handler = MethodHandler.serverStreaming { _, writer, _ in
            for _ in 0..<5 {
                try await writer.write(ByteBuffer(string: "x"))
                written.withLock { $0 += 1 }
            }
        }
        let sink = try await run(.serverStreaming, handler, room: 2) { call, sink in
            call.receivedMessage(ByteBuffer())
            call.receivedEnd()
            #expect(sink.sent.count == 2)
            #expect(written.withLock { $0 } == 1)
            sink.room = .max
            call.becameWritable()
        }
        #expect(sink.sent.count == 5)
        #expect(sink.answer == CallAnswer())
    }

    @Test func `a writer that waits for room is freed when the call ends`() async throws {
        let handler = MethodHandler.serverStreaming { _, writer, _ in
            await #expect(throws: CancellationError.self) {
                try await writer.write(ByteBuffer(string: "x"))
            }
            await #expect(throws: CancellationError.self) {
                try await writer.write(ByteBuffer(string: "y"))
            }
        }
        let sink = try await run(.serverStreaming, handler, room: 1) { call, sink in
            call.receivedMessage(ByteBuffer())
            call.receivedEnd()
            call.cancel()
        }
        #expect(sink.sent.count == 1)
    }

    @Test func `a child task that is cancelled while it waits for room is freed`() async throws {
        let filled = eventLoop.makePromise(of: Void.self)
        let handler = MethodHandler.serverStreaming { _, writer, _ in
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await writer.write(ByteBuffer(string: "x")) }
                try? await filled.futureResult.get()
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
        }
        let sink = try await run(.serverStreaming, handler, room: 1) { call, sink in
            sink.filled.futureResult.cascade(to: filled)
            call.receivedMessage(ByteBuffer())
            call.receivedEnd()
        }
        #expect(sink.answer == CallAnswer(initialMetadata: nil))
    }

    @Test func `an answer over the limit is refused`() async throws {
        let handler = MethodHandler.unary { _, _ in ByteBuffer(repeating: 0, count: 11) }
        let sink = try await run(.unary, handler, answerBytesMax: 10) { call, _ in
            call.receivedMessage(ByteBuffer())
            call.receivedEnd()
        }
        #expect(sink.answer?.error?.code == .resourceExhausted)
        #expect(
            sink.answer?.error?.message == "response message of 11 bytes exceeds the limit of 10")
    }

    @Test func `interceptors wrap the handler, outermost first, and may refuse`() async throws {
        struct Named: Interceptor {
            let name: String
            let refuses: Bool
            func intercept(
                _ context: CallContext, next: @escaping @Sendable (CallContext) async throws -> Void
            ) async throws {
                context.response.trailing.add("seen", name)
                if refuses { throw RPCError(.unauthenticated, "who are you") }
                try await next(context)
            }
        }
        let sink = try await run(
            .unary, .unary { request, _ in request },
            interceptors: [
                Named(name: "outer", refuses: false), Named(name: "inner", refuses: true),
            ]
        ) { call, _ in
            call.receivedMessage(ByteBuffer())
            call.receivedEnd()
        }
        #expect(sink.answer?.error?.code == .unauthenticated)
        #expect(sink.answer?.trailers.entries.count == 2)
    }

    @Test func `an answer from another thread arrives`() async throws {
        let handler = MethodHandler.serverStreaming { request, writer, _ in
            try await Task.detached { try await writer.write(request) }.value
        }
        let sink = try await run(.serverStreaming, handler) { call, _ in
            call.receivedMessage(ByteBuffer(string: "far"))
            call.receivedEnd()
        }
        #expect(sink.sent == [ByteBuffer(string: "far")])
    }
}
