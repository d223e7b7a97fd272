import Logging
import NIOCore
import NIOEmbedded
import RPC
import Testing

@testable import Transport

/// HTTP/1.1 on real TLS sockets, through the seam that the bridge uses.
@Suite struct HTTP1Tests {
    private static let last = "Host: localhost\r\nConnection: close\r\n\r\n"

    @Test func `a connection is used again, and requests sent ahead are answered in order`()
        async throws
    {
        try await HTTPTestServer.with { server in
            let first = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\none"
            let second =
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "1\r\nt\r\n2;x=y\r\nwo\r\n0\r\n\r\n"
            let answer = try await server.answer(
                first + second + "GET /pieces HTTP/1.1\r\n" + Self.last)
            #expect(HTTPTestServer.statuses(answer) == ["200", "200", "200"])
            let one = try #require(answer.firstRange(of: "\r\n\r\none"))
            let two = try #require(answer.firstRange(of: "\r\n\r\ntwo"))
            #expect(one.upperBound <= two.lowerBound)
            #expect(answer.hasSuffix("4\r\none \r\n4\r\ntwo \r\n5\r\nthree\r\n0\r\n\r\n"))
            #expect(answer.contains("connection: close"))
        }
    }

    @Test func `a request that comes byte by byte is one request`() async throws {
        try await HTTPTestServer.with { server in
            let connection = try await server.connect()
            for byte in "POST /echo HTTP/1.1\r\nContent-Length: 2\r\n\(Self.last)hi" {
                try await connection.send(String(byte))
            }
            let answer = String(buffer: try await connection.rest())
            #expect(answer.hasSuffix("\r\n\r\nhi"))
        }
    }

    @Test func `a connection that ends within a request is released`() throws {
        weak var released: HTTP1Connection?
        let channel = EmbeddedChannel()
        let peer = HTTPPeer(
            version: .http1,
            connection: ConnectionContext(
                wireProtocol: .http, remoteAddress: "test", clientCertificate: nil))
        let pipeline = channel.pipeline.syncOperations
        try pipeline.serveHTTP1(
            HTTPTestHandler(), peer: peer, eventLoop: channel.eventLoop, limits: .patient,
            logger: Logger(label: "test"))
        released = try pipeline.handler(type: HTTP1Connection.self)
        try channel.writeInbound(
            ByteBuffer(string: "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"))
        _ = try channel.finish(acceptAlreadyClosed: true)
        channel.embeddedEventLoop.run()
        #expect(released == nil)
    }

    @Test func `HEAD has the head of GET and no body`() async throws {
        try await HTTPTestServer.with { server in
            for path in ["/early", "/pieces"] {
                let answer = try await server.answer("HEAD \(path) HTTP/1.1\r\n\(Self.last)")
                #expect(HTTPTestServer.statuses(answer) == ["200"])
                #expect(answer.hasSuffix("\r\n\r\n"))
            }
        }
    }

    @Test func `who expects to be asked for a body is asked once somebody reads it`() async throws {
        try await HTTPTestServer.with { server in
            let head = "Content-Length: 2\r\nExpect: 100-continue\r\n\(Self.last)"
            let read = try await server.answer("POST /echo HTTP/1.1\r\n\(head)hi")
            #expect(HTTPTestServer.statuses(read).last == "200")
            let connection = try await server.connect()
            try await connection.send("POST /echo HTTP/1.1\r\n\(head)")
            // What follows the server's question.
            try await connection.send("hi")
            let asked = String(buffer: try await connection.rest())
            #expect(asked.hasSuffix("\r\n\r\nhi"))
            let refused = try await server.answer("POST /early HTTP/1.1\r\n\(head)")
            #expect(HTTPTestServer.statuses(refused) == ["200"])
            let unknown = try await server.answer(
                "POST /echo HTTP/1.1\r\nExpect: a-miracle\r\n\(Self.last)")
            #expect(HTTPTestServer.statuses(unknown) == ["417"])
        }
    }

    @Test func `an old client gets its answer and the end of the connection`() async throws {
        try await HTTPTestServer.with { server in
            let answer = try await server.answer("GET /pieces HTTP/1.0\r\n\r\n")
            #expect(HTTPTestServer.statuses(answer) == ["200"])
            #expect(!answer.contains("chunked"))
            #expect(answer.hasSuffix("\r\n\r\none two three"))
        }
    }

    @Test func `a client that does not read holds the answer back`() async throws {
        var limits = TransportLimits.patient
        limits.writeStallTimeout = .milliseconds(400)
        try await HTTPTestServer.with(limits: limits) { server in
            let connection = try await server.connect(reads: false)
            try await connection.send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
            // The connection is given up once nothing of what waits was taken for a while.
            await server.handler.events.happened("ended")
            // What the sockets of both sides hold, and not what a handler can write in that time.
            #expect(server.handler.events.written < 24 << 20)
            await connection.close()
        }
    }

    @Test func `a large answer arrives whole`() async throws {
        try await HTTPTestServer.with { server in
            let connection = try await server.connect()
            try await connection.send("GET /large HTTP/1.0\r\n\r\n")
            let answer = try await connection.rest()
            #expect(answer.readableBytes > 4 << 20)
            #expect(answer.readableBytesView.suffix(16 << 10).allSatisfy { $0 == 255 })
        }
    }

    @Test func `the handler learns that the client has gone`() async throws {
        try await HTTPTestServer.with { server in
            let connection = try await server.connect()
            try await connection.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await server.handler.events.happened("waiting")
            await connection.close()
            await server.handler.events.happened("stopped")
        }
    }

    @Test func `a handler that answers nothing, or too little, is told by the connection`()
        async throws
    {
        try await HTTPTestServer.with { server in
            let nothing = try await server.answer("GET /nothing HTTP/1.1\r\n\(Self.last)")
            #expect(HTTPTestServer.statuses(nothing) == ["500"])
            let connection = try await server.connect()
            try await connection.send("GET /short HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let short = String(buffer: try await connection.rest())
            #expect(!short.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func `an answer before the body is read ends the connection, and is not lost`()
        async throws
    {
        try await HTTPTestServer.with { server in
            let connection = try await server.connect()
            try await connection.send(
                "POST /early HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nbegin")
            try await connection.send(String(repeating: "x", count: 99_995))
            let answer = String(buffer: try await connection.rest())
            #expect(HTTPTestServer.statuses(answer) == ["200"])
            #expect(answer.hasSuffix("early"))
            #expect(answer.contains("connection: close"))
        }
    }
}
