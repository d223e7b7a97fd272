import NIOCore
import Testing

@testable import Transport

/// What a client may try over HTTP/1.1, and what it gets: nothing that another place could read
/// differently is served (RFC 9112).
@Suite struct HTTP1HostileInputTests {
    /// A second request that must not be served as one of its own.
    private static let smuggled = "GET /early HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test(arguments: [
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\nabcd",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nabcd",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -4\r\n\r\nabcd",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 0x4\r\n\r\nabcd",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nabcd",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /early HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n\r\n",
        "GET /early HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
        "GET /early HTTP/1.1\r\nHost: a\r\nX\r\n\r\n",
        "GET /early HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n",
        "GET /early HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /early HTTP/1.1\r\n\r\n",
        "GET early HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /ear ly HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /e\u{1}rly HTTP/1.1\r\nHost: a\r\n\r\n",
        "NON[SENSE /early HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
    ])
    func `a request that could be read in two ways is refused, and ends the connection`(
        request: String
    ) async throws {
        try await HTTPTestServer.with { server in
            let answer = try await server.answer(request + Self.smuggled)
            let statuses = HTTPTestServer.statuses(answer)
            #expect(statuses == ["400"], "\(answer)")
            #expect(!answer.contains("early"))
        }
    }

    @Test func `a space too many at the end of a request line is refused`() async throws {
        try await HTTPTestServer.with { server in
            let answer = try await server.answer(
                "GET /early HTTP/1.1 \r\nHost: a\r\n\r\n" + Self.smuggled)
            #expect(HTTPTestServer.statuses(answer) == ["505"])
            #expect(!answer.contains("early"))
        }
    }

    /// RFC 9112, section 3, lets a server take any white space for one: where the request ends is
    /// the same for all who read it.
    @Test func `two spaces before a target are one`() async throws {
        try await HTTPTestServer.with { server in
            let answer = try await server.answer(
                "GET  /early HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(HTTPTestServer.statuses(answer) == ["200"])
            #expect(answer.hasSuffix("early"))
        }
    }

    @Test func `a version that is not spoken gets 505, or nothing`() async throws {
        try await HTTPTestServer.with { server in
            let answer = try await server.answer("GET /early HTTP/3.0\r\nHost: a\r\n\r\n")
            #expect(["400", "505"].contains(HTTPTestServer.statuses(answer).first))
        }
    }

    @Test func `a head that is too large gets 431, and a target that is too long 414`()
        async throws
    {
        try await HTTPTestServer.with { server in
            let field = "X: \(String(repeating: "x", count: 64 << 10))\r\n"
            let large = try await server.answer("GET /early HTTP/1.1\r\nHost: a\r\n\(field)\r\n")
            #expect(HTTPTestServer.statuses(large) == ["431"])
            let fields = (0..<200).map { "X-\($0): 1\r\n" }.joined()
            let many = try await server.answer("GET /early HTTP/1.1\r\nHost: a\r\n\(fields)\r\n")
            #expect(HTTPTestServer.statuses(many) == ["431"])
            let target = String(repeating: "x", count: 9 << 10)
            let long = try await server.answer("GET /\(target) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(HTTPTestServer.statuses(long) == ["414"])
        }
    }

    /// RFC 9112, section 9.6: a close while the client sends takes the answer from it.
    @Test func `who sends on after a head that is too large is heard out, within a limit`()
        async throws
    {
        var limits = TransportLimits.patient
        limits.http.discardedBytesMax = 32 << 20
        limits.http.lingerTimeout = .seconds(60)
        try await HTTPTestServer.with(limits: limits) { server in
            let connection = try await server.connect()
            try await connection.send("GET /early HTTP/1.1\r\nHost: a\r\nX: ")
            let piece = ByteBuffer(repeating: UInt8(ascii: "x"), count: 64 << 10)
            var sent = 0
            while sent < 64 << 20, (try? await connection.send(piece)) != nil {
                sent += piece.readableBytes
            }
            #expect(sent >= 32 << 20)
            #expect(sent < 64 << 20)
            let answer = String(buffer: try await connection.rest())
            #expect(HTTPTestServer.statuses(answer) == ["431"])
        }
    }

    @Test func `a body that is too large gets 413, whether it says so before or not`() async throws
    {
        var limits = TransportLimits.patient
        limits.http.bodyBytesMax = 1_000
        try await HTTPTestServer.with(limits: limits) { server in
            let said = try await server.answer(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")
            #expect(HTTPTestServer.statuses(said) == ["413"])
            let chunk = "3e9\r\n\(String(repeating: "x", count: 1_001))\r\n0\r\n\r\n"
            let unsaid = try await server.answer(
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                    + "Connection: close\r\n\r\n\(chunk)")
            #expect(HTTPTestServer.statuses(unsaid) == ["413"])
        }
    }

    @Test func `a head that does not come in time gets 408, and a body too`() async throws {
        var limits = TransportLimits.patient
        limits.http.headTimeout = .milliseconds(50)
        limits.http.bodyPatience = .milliseconds(50)
        try await HTTPTestServer.with(limits: limits) { server in
            let head = try await server.answer("GET /early HTTP/1.1\r\nHost: ")
            #expect(HTTPTestServer.statuses(head) == ["408"])
            let body = try await server.answer(
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
            #expect(HTTPTestServer.statuses(body) == ["408"])
        }
    }

    @Test func `a connection without requests is closed`() async throws {
        var limits = TransportLimits.patient
        limits.idleTimeout = .milliseconds(50)
        try await HTTPTestServer.with(limits: limits) { server in
            let answer = try await server.answer("")
            #expect(answer == "")
        }
    }

    @Test func `what is sent ahead is held back, and nothing of it is lost`() async throws {
        try await HTTPTestServer.with { server in
            let one = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nsomething"
            let count = 2_000
            let last = "GET /early HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let answer = try await server.answer(String(repeating: one, count: count) + last)
            #expect(HTTPTestServer.statuses(answer).count == count + 1)
            #expect(answer.hasSuffix("early"))
        }
    }

    @Test(arguments: UInt64(0)..<40)
    func `random bytes never keep the server from serving others`(seed: UInt64) async throws {
        try await HTTPTestServer.with { server in
            var random = SeededRandom(seed: seed)
            let parts = [
                "GET /early HTTP/1.1\r\n", "Host: a\r\n", "\r\n", "Content-Length: 5\r\n", "hello",
                "Transfer-Encoding: chunked\r\n", "5\r\n", "POST /echo HTTP/1.1\r\n", "\u{0}", "\n",
                "Expect: 100-continue\r\n", "Upgrade: websocket\r\n", "Connection: upgrade\r\n",
            ]
            let connection = try await server.connect()
            let text = (0..<Int.random(in: 1...40, using: &random)).map { _ in
                parts[Int.random(in: 0..<parts.count, using: &random)]
            }.joined()
            try? await connection.send(text)
            await connection.close()
            let honest = try await server.answer(
                "GET /early HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(honest.hasSuffix("early"))
        }
    }
}

/// SplitMix64: the same numbers for the same seed.
private struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
