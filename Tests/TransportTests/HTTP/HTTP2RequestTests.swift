import NIOCore
import Testing

@testable import Transport

private typealias Raw = RawHTTP2Client

/// Requests that are no calls over HTTP/2, on real TLS sockets, through the seam that the bridge uses.
@Suite struct HTTP2RequestTests {
    private func with(
        limits: TransportLimits = .patient, settings: [(UInt16, UInt32)] = [],
        _ body: (RawHTTP2Client, HTTPTestServer) async throws -> Void
    ) async throws {
        try await HTTPTestServer.with(limits: limits) { server in
            let client = try await RawHTTP2Client(
                port: server.listener.port,
                tls: TestServer.client { $0.applicationProtocols = ["h2"] })
            client.start(settings: settings)
            try await body(client, server)
            try? await client.close()
        }
    }

    private static func request(
        _ method: String, _ path: String, _ more: [(String, String)] = []
    ) -> [UInt8] {
        Raw.block(
            [
                (":method", method), (":scheme", "https"), (":path", path), (":authority", "a"),
            ] + more)
    }

    private func get(_ client: RawHTTP2Client, _ path: String, stream: UInt32 = 1) {
        client.send(
            Raw.frame(.headers, flags: 4 | 1, stream: stream, Self.request("GET", path)))
    }

    @Test func `a request is answered with HEADERS and DATA`() async throws {
        try await with { client, _ in
            client.send(
                Raw.frame(.headers, flags: 4, stream: 1, Self.request("POST", "/echo"))
                    + Raw.frame(.data, stream: 1, Array("he".utf8))
                    + Raw.frame(.data, flags: 1, stream: 1, Array("llo".utf8)))
            let head = try #require(await client.first(.headers))
            #expect(
                head.fields == [":status: 200", "content-type: text/plain", "content-length: 5"])
            let data = try #require(await client.first(.data))
            #expect(data.payload == Array("hello".utf8))
        }
    }

    @Test func `many requests are answered on one connection at the same time`() async throws {
        try await with { client, server in
            get(client, "/wait", stream: 1)
            await server.handler.events.happened("waiting")
            for stream in stride(from: UInt32(3), to: 43, by: 2) {
                get(client, "/early", stream: stream)
                let data = await client.first { $0.kind == .data && $0.stream == stream }
                #expect(data?.payload == Array("early".utf8))
            }
            client.send(Raw.frame(.reset, stream: 1, Raw.bytes(8)))
            await server.handler.events.happened("stopped")
        }
    }

    @Test func `HEAD has the head of GET and no body`() async throws {
        try await with { client, _ in
            client.send(
                Raw.frame(.headers, flags: 4 | 1, stream: 1, Self.request("HEAD", "/early")))
            let head = try #require(await client.first(.headers))
            #expect(head.isEnd)
            #expect(head.fields.contains(":status: 200"))
        }
    }

    @Test func `a request that is answered early is taken for a while, and then no more`()
        async throws
    {
        var limits = TransportLimits.patient
        limits.http.lingerTimeout = .milliseconds(100)
        try await with(limits: limits) { client, _ in
            client.send(Raw.frame(.headers, flags: 4, stream: 1, Self.request("POST", "/early")))
            let head = try #require(await client.first(.headers))
            #expect(head.fields.contains(":status: 200"))
            let data = try #require(await client.first(.data))
            #expect(data.payload == Array("early".utf8))
            let reset = try #require(await client.first(.reset))
            #expect(reset.payload == [0, 0, 0, 0])
        }
    }

    @Test func `a client whose window is closed holds the answer back`() async throws {
        var limits = TransportLimits.patient
        limits.writeStallTimeout = .milliseconds(400)
        // Windows of 64 KiB that are never opened.
        try await with(limits: limits) { client, server in
            get(client, "/endless")
            _ = try #require(await client.first(.data))
            client.send(Raw.frame(.reset, stream: 1, Raw.bytes(8)))
            await server.handler.events.happened("ended")
            #expect(server.handler.events.written < 1 << 20)
        }
    }

    @Test func `who expects to be asked for a body is asked`() async throws {
        try await with { client, _ in
            client.send(
                Raw.frame(
                    .headers, flags: 4, stream: 1,
                    Self.request("POST", "/echo", [("expect", "100-continue")])))
            let asked = try #require(await client.first(.headers))
            #expect(asked.fields == [":status: 100"])
            client.send(Raw.frame(.data, flags: 1, stream: 1, [65]))
            let head = try #require(await client.first(.headers))
            #expect(head.fields.first == ":status: 200")
        }
    }

    @Test func `a body that is too large gets 413, and a head that is too large 431`()
        async throws
    {
        var limits = TransportLimits.patient
        limits.http.bodyBytesMax = 100
        try await with(limits: limits) { client, _ in
            client.send(
                Raw.frame(.headers, flags: 4, stream: 1, Self.request("POST", "/echo"))
                    + Raw.frame(.data, flags: 1, stream: 1, Array(repeating: 1, count: 101)))
            let large = try #require(await client.first(.headers))
            #expect(large.fields.first == ":status: 413")
            let fields = (0..<15).map { ("x-\($0)", String(repeating: "x", count: 1_050)) }
            client.send(
                Raw.frame(
                    .headers, flags: 4 | 1, stream: 3, Self.request("GET", "/early", fields)))
            let head = await client.first { $0.kind == .headers && $0.stream == 3 }
            #expect(head?.fields.first == ":status: 431")
        }
    }

    @Test func `a body that does not come in time gets 408`() async throws {
        var limits = TransportLimits.patient
        limits.http.bodyPatience = .milliseconds(50)
        try await with(limits: limits) { client, _ in
            client.send(Raw.frame(.headers, flags: 4, stream: 1, Self.request("POST", "/echo")))
            let head = try #require(await client.first(.headers))
            #expect(head.fields.first == ":status: 408")
        }
    }

    @Test func `an answer that breaks off resets its stream, and the others go on`() async throws {
        try await with { client, _ in
            get(client, "/short", stream: 1)
            let reset = try #require(await client.first(.reset))
            #expect(reset.stream == 1)
            get(client, "/early", stream: 3)
            #expect(await client.first(.data) != nil)
        }
    }

    @Test(arguments: [
        [(":method", "GET"), (":scheme", "https"), (":authority", "a")],
        [(":method", "GET"), (":scheme", "https"), (":path", ""), (":authority", "a")],
        [(":method", "CONNECT"), (":authority", "a")],
        [
            (":method", "GET"), (":scheme", "https"), (":path", "/early"), (":authority", "a"),
            ("transfer-encoding", "chunked"),
        ],
        [
            (":method", "GET"), (":scheme", "https"), (":path", "/early"), (":authority", "a"),
            ("connection", "close"),
        ],
        [
            (":method", "GET"), (":method", "GET"), (":scheme", "https"), (":path", "/early"),
            (":authority", "a"),
        ],
        [
            (":method", "POST"), (":scheme", "https"), (":path", "/echo"), (":authority", "a"),
            ("content-length", "5"),
        ],
    ])
    func `a malformed request is not served, and the next one is`(
        fields: [(String, String)]
    ) async throws {
        try await with { client, _ in
            client.send(Raw.frame(.headers, flags: 4 | 1, stream: 1, Raw.block(fields)))
            get(client, "/early", stream: 3)
            let data = await client.first { $0.kind == .data }
            #expect(data?.stream == 3)
        }
    }
}
