import NIOCore
import RPC
import Testing

@testable import Transport

/// Calls from our client to our listener, over real sockets.
@Suite struct TTRPCCallTests {
    /// Runs `body` with a server and a client connected to it.
    private func withServer(
        serverLimits: TransportLimits = TransportLimits(),
        clientLimits: TransportLimits = TransportLimits(),
        _ body: (TestServer, TTRPCClientConnection) async throws -> Void
    ) async throws {
        let server = try await TestServer(limits: serverLimits)
        let client = try await server.connect(limits: clientLimits)
        try await body(server, client)
        await client.close()
        await server.stop()
    }

    private func failure(_ body: () async throws -> Void) async -> RPCError? {
        await #expect(throws: RPCError.self) { try await body() }
    }

    @Test(arguments: ["", "hello", String(repeating: "x", count: 100_000)])
    func `a unary call is answered`(text: String) async throws {
        try await withServer { _, client in
            let answer = try await client.unary(
                TestServer.echo, ByteBuffer(string: text), options: CallOptions())
            #expect(String(buffer: answer) == text)
        }
    }

    @Test func `many calls at once are all answered, each with its own`() async throws {
        try await withServer { _, client in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        let answer = try await client.unary(
                            TestServer.echo, ByteBuffer(string: "\(index)"), options: CallOptions())
                        return String(buffer: answer) == "\(index)"
                    }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func `messages just under 4 MiB pass both ways`() async throws {
        try await withServer { _, client in
            let request = ByteBuffer(repeating: 0x5A, count: (4 << 20) - 100)
            let answer = try await client.unary(TestServer.echo, request, options: CallOptions())
            #expect(answer == request)
        }
    }

    @Test func `a request over 4 MiB fails here, and the connection lives`() async throws {
        try await withServer { _, client in
            let error = await failure {
                _ = try await client.unary(
                    TestServer.echo, ByteBuffer(repeating: 0, count: 4 << 20),
                    options: CallOptions())
            }
            #expect(error?.code == .resourceExhausted)
            _ = try await client.unary(TestServer.echo, ByteBuffer(), options: CallOptions())
        }
    }

    @Test(arguments: [(4 << 20) - 2, 4 << 20, (4 << 20) + 1])
    func `an answer over 4 MiB fails its call only`(byteCount: Int) async throws {
        try await withServer { _, client in
            let error = await failure {
                _ = try await client.unary(
                    TestServer.zeros, ByteBuffer(string: "\(byteCount)"), options: CallOptions())
            }
            #expect(error?.code == .resourceExhausted)
            _ = try await client.unary(TestServer.echo, ByteBuffer(), options: CallOptions())
        }
    }

    @Test func `an error keeps its code, message and details`() async throws {
        try await withServer { _, client in
            let error = await failure {
                _ = try await client.unary(
                    TestServer.fail, ByteBuffer(string: "tab\t – ünïcode"), options: CallOptions())
            }
            let detail = RPCError.Detail(
                typeURL: "type.googleapis.com/test.Detail", value: [1, 2])
            #expect(error == RPCError(.failedPrecondition, "tab\t – ünïcode", details: [detail]))
        }
    }

    @Test(arguments: [
        MethodDescriptor(service: "test.Service", method: "Nothing", kind: .unary),
        MethodDescriptor(service: "test.Nobody", method: "Echo", kind: .unary),
        MethodDescriptor(service: "", method: "", kind: .unary),
        MethodDescriptor(service: "test.Service", method: "Collect", kind: .unary),
    ])
    func `what is not served over ttrpc is unimplemented`(
        method: MethodDescriptor
    ) async throws {
        try await withServer { _, client in
            let error = await failure {
                _ = try await client.unary(method, ByteBuffer(), options: CallOptions())
            }
            #expect(error?.code == .unimplemented)
        }
    }

    // MARK: Streams

    @Test(arguments: [(0, 4), (1, 4), (1000, 100), (3, 1_000_000)])
    func `a server streams its messages in order and ends`(
        count: Int, byteCount: Int
    ) async throws {
        try await withServer { _, client in
            let reader = try await client.serverStreaming(
                TestServer.count, ByteBuffer(string: "\(count) \(byteCount)"),
                options: CallOptions())
            var expected: UInt32 = 0
            while let message = try await reader.next() {
                #expect(message.getInteger(at: message.readerIndex) == expected)
                #expect(message.readableBytes == byteCount)
                expected += 1
            }
            #expect(expected == count)
        }
    }

    @Test func `a stream that fails gives its messages first`() async throws {
        try await withServer { _, client in
            let reader = try await client.serverStreaming(
                TestServer.breakOff, ByteBuffer(string: "only"), options: CallOptions())
            #expect(try await reader.next() == ByteBuffer(string: "only"))
            let error = await failure { _ = try await reader.next() }
            #expect(error == RPCError(.aborted, "broken off"))
        }
    }

    @Test func `an empty message is a message`() async throws {
        try await withServer { _, client in
            let reader = try await client.serverStreaming(
                TestServer.breakOff, ByteBuffer(), options: CallOptions())
            #expect(try await reader.next() == ByteBuffer())
        }
    }

    @Test func `a small call overtakes a large stream`() async throws {
        var limits = TransportLimits()
        limits.inboundQueueBytesLimit = .max
        try await withServer(clientLimits: limits) { _, client in
            let stream = try await client.serverStreaming(
                TestServer.endless, ByteBuffer(), options: CallOptions())
            for _ in 0..<5 {
                _ = try await stream.next()
                _ = try await client.unary(TestServer.echo, ByteBuffer(), options: CallOptions())
            }
        }
    }

    @Test func `a slow reader holds the server back and loses nothing`() async throws {
        var limits = TransportLimits()
        limits.inboundQueueBytesMax = 64 * 1024
        try await withServer(clientLimits: limits) { _, client in
            let reader = try await client.serverStreaming(
                TestServer.count, ByteBuffer(string: "400 16384"), options: CallOptions())
            var expected: UInt32 = 0
            while let message = try await reader.next() {
                #expect(message.getInteger(at: message.readerIndex) == expected)
                expected += 1
                await Task.yield()
            }
            #expect(expected == 400)
        }
    }

    @Test func `a stream nobody reads fails rather than to hold up other calls`() async throws {
        var limits = TransportLimits()
        limits.inboundQueueBytesMax = 64 * 1024
        limits.inboundQueueBytesLimit = 256 * 1024
        try await withServer(clientLimits: limits) { server, client in
            let stream = try await client.serverStreaming(
                TestServer.endless, ByteBuffer(), options: CallOptions())
            let waiting = Task {
                try await client.unary(TestServer.wait, ByteBuffer(), options: CallOptions())
            }
            await server.events.happened("ended")
            let error = await failure { while try await stream.next() != nil {} }
            #expect(error?.code == .resourceExhausted)
            waiting.cancel()
        }
    }

    // MARK: Ends

    @Test func `cancelling the task cancels the handler`() async throws {
        try await withServer { server, client in
            let task = Task {
                try await client.unary(TestServer.wait, ByteBuffer(), options: CallOptions())
            }
            await server.events.happened("waiting")
            task.cancel()
            let error = await failure { _ = try await task.value }
            #expect(error?.code == .cancelled)
            await server.events.happened("cancelled")
            _ = try await client.unary(TestServer.echo, ByteBuffer(), options: CallOptions())
        }
    }

    @Test func `dropping a stream cancels the handler`() async throws {
        try await withServer { server, client in
            var reader: (any ResponseReader)? = try await client.serverStreaming(
                TestServer.endless, ByteBuffer(), options: CallOptions())
            _ = try await reader?.next()
            reader = nil
            await server.events.happened("ended")
        }
    }

    @Test func `a deadline ends the call on both sides`() async throws {
        try await withServer { server, client in
            let error = await failure {
                _ = try await client.unary(
                    TestServer.wait, ByteBuffer(), options: CallOptions(timeout: .milliseconds(20)))
            }
            #expect(error?.code == .deadlineExceeded)
            await server.events.happened("cancelled")
        }
    }

    @Test func `closing the client cancels its calls everywhere`() async throws {
        try await withServer { server, client in
            let task = Task {
                try await client.unary(TestServer.wait, ByteBuffer(), options: CallOptions())
            }
            await server.events.happened("waiting")
            await client.close()
            let error = await failure { _ = try await task.value }
            #expect(error?.code == .unavailable)
            await server.events.happened("cancelled")
            let later = await failure {
                _ = try await client.unary(TestServer.echo, ByteBuffer(), options: CallOptions())
            }
            #expect(later?.code == .unavailable)
            try await client.closed.get()
        }
    }

    @Test func `a closed connection is let go of`() async throws {
        let server = try await TestServer(limits: TransportLimits())
        let handler: Weak
        let loop: any EventLoop
        do {
            let client = try await server.connect(limits: TransportLimits())
            _ = try await client.unary(TestServer.echo, ByteBuffer(), options: CallOptions())
            loop = client.channel.eventLoop
            handler = try await loop.submit { Weak(client.handler.value) }.get()
            await client.close()
        }
        // What closing has left to do is done before what comes now.
        for _ in 0..<3 { try await loop.submit {}.get() }
        #expect(handler.object == nil)
        await server.stop()
    }

    @Test func `calls over the limit are refused, the others go on`() async throws {
        var limits = TransportLimits()
        limits.callsPerConnectionMax = 2
        try await withServer(serverLimits: limits) { server, client in
            let waiting = (0..<2).map { _ in
                Task {
                    try await client.unary(TestServer.wait, ByteBuffer(), options: CallOptions())
                }
            }
            await server.events.happened("waiting", 2)
            let error = await failure {
                _ = try await client.unary(TestServer.echo, ByteBuffer(), options: CallOptions())
            }
            #expect(error?.code == .resourceExhausted)
            waiting[0].cancel()
            await server.events.happened("cancelled")
            _ = try await client.unary(TestServer.echo, ByteBuffer(), options: CallOptions())
            waiting[1].cancel()
        }
    }
}

/// Knows an object without keeping it.
private final class Weak: @unchecked Sendable {
    // Sendable because a weak reference is read atomically and never written again.
    weak var object: AnyObject?

    init(_ object: AnyObject) { self.object = object }
}
