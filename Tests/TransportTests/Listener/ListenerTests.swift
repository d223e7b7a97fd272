import NIOCore
import RPC
import Testing

@testable import Transport

@Suite struct ListenerTests {
    private static let noALPN: @Sendable (inout TLSClientConfiguration) -> Void = {
        $0.applicationProtocols = []
    }

    @Test func `without ALPN a ttrpc client is served`() async throws {
        let server = try await TestServer()
        let client = try await server.connect(Self.noALPN)
        let answer = try await client.unary(
            TestServer.echo, ByteBuffer(string: "hello"), options: CallOptions())
        #expect(String(buffer: answer) == "hello")
        await client.close()
        await server.stop()
    }

    @Test(arguments: [[], ["http/1.1"]])
    func `HTTP/1.1 is answered with 404`(offers: [String]) async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client { $0.applicationProtocols = offers })
        try await connection.send("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        let answer = try await String(buffer: connection.rest())
        #expect(answer.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nnothing is served over HTTP here\n"))
        await server.stop()
    }

    @Test(arguments: ["\u{16}\u{3}\u{1}", "hello", "\u{7F}"])
    func `without ALPN unknown first bytes close the connection`(text: String) async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client(Self.noALPN))
        try await connection.send(text)
        #expect(try await connection.rest().readableBytes == 0)
        await server.stop()
    }

    @Test func `without ALPN silence is given up`() async throws {
        var limits = TransportLimits()
        limits.handshakeTimeout = .milliseconds(500)
        let server = try await TestServer(limits: limits)
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client(Self.noALPN))
        #expect(try await connection.rest().readableBytes == 0)
        await server.stop()
    }

    @Test func `a socket without TLS gets nothing but an alert`() async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(port: server.listener.port, tls: nil)
        try await connection.send("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        let answer = try await connection.rest()
        #expect(!String(buffer: answer).contains("HTTP"))
        await server.stop()
    }

    @Test func `a silent socket is given up`() async throws {
        var limits = TransportLimits()
        limits.handshakeTimeout = .milliseconds(50)
        let server = try await TestServer(limits: limits)
        let connection = try await RawConnection.connect(port: server.listener.port, tls: nil)
        #expect(try await connection.rest().readableBytes == 0)
        await server.stop()
    }

    @Test func `an idle connection is closed`() async throws {
        var limits = TransportLimits()
        limits.idleTimeout = .milliseconds(100)
        let server = try await TestServer(limits: limits)
        let client = try await server.connect()
        try await client.closed.get()
        await server.stop()
    }

    @Test func `connections over the limit are refused`() async throws {
        var limits = TransportLimits()
        limits.connectionsMax = 1
        let server = try await TestServer(limits: limits)
        let first = try await server.connect()
        await #expect(throws: RPCError.self) { try await server.connect() }
        #expect(server.listener.connectionCount == 1)
        _ = try await first.unary(TestServer.echo, ByteBuffer(), options: CallOptions())
        await first.close()
        await server.stop()
    }

    @Test func `a client that does not find a server is told`() async throws {
        let server = try await TestServer()
        await server.stop()
        let error = await #expect(throws: RPCError.self) { try await server.connect() }
        #expect(error?.code == .unavailable)
    }

    // MARK: Shutting down

    @Test func `running calls end before the listener does`() async throws {
        let server = try await TestServer()
        let client = try await server.connect()
        let reader = try await client.serverStreaming(
            TestServer.count, ByteBuffer(string: "500 4096"), options: CallOptions())
        _ = try await reader.next()
        async let stopped: Void = server.listener.shutDown(grace: .seconds(60))
        var received = 1
        while try await reader.next() != nil { received += 1 }
        #expect(received == 500)
        await stopped
        #expect(server.listener.connectionCount == 0)
        try await server.listener.closed()
    }

    @Test func `calls that outlast the grace time are cancelled`() async throws {
        let server = try await TestServer()
        let client = try await server.connect()
        let task = Task {
            try await client.unary(TestServer.wait, ByteBuffer(), options: CallOptions())
        }
        await server.events.happened("waiting")
        await server.listener.shutDown(grace: .milliseconds(50))
        await server.events.happened("cancelled")
        let error = await #expect(throws: RPCError.self) { _ = try await task.value }
        #expect(error?.code == .unavailable)
    }

    // MARK: First bytes

    @Test(
        arguments: [
            ("", .needsBytes), ("\0", .found(.ttrpc)), ("P", .needsBytes), ("PRI ", .needsBytes),
            ("PRI *", .found(.http2)), ("PRI * HTTP/2.0", .found(.http2)), ("PO", .found(.http1)),
            ("PRI /", .found(.http1)), ("GET /", .found(.http1)), ("get", .unknown),
            ("\u{16}", .unknown),
        ] as [(String, NegotiatedProtocol.Guess)])
    func `the first bytes tell the protocol`(text: String, guess: NegotiatedProtocol.Guess) {
        #expect(NegotiatedProtocol.guess(from: ByteBuffer(string: text).readableBytesView) == guess)
    }
}
