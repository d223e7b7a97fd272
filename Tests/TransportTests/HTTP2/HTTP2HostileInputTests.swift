import Compression
import NIOCore
import RPC
import Testing

@testable import Transport

private typealias Raw = RawHTTP2Client

/// What a client may try, and what it gets (WIRE, section 4).
@Suite(.timeLimit(.minutes(10))) struct HTTP2HostileInputTests {
    private static let calm: UInt8 = 11

    private func unaryCall(_ stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
        Raw.frame(.headers, flags: 4, stream: stream, Raw.call("/test.Echo/Unary"))
            + Raw.frame(.data, flags: 1, stream: stream, Raw.message(payload))
    }

    /// An honest call on the same connection succeeds.
    private func expectService(_ client: RawHTTP2Client, stream: UInt32) async {
        // The handler of a call that has ended may count a moment longer; what is refused for that
        // may be tried again.
        for stream in Swift.stride(from: stream, to: stream + 2_000, by: 2) {
            client.send(unaryCall(stream, [42]))
            let answer = await client.first {
                $0.stream == stream
                    && ($0.kind == .data || ($0.kind == .reset && $0.errorCode == 7))
            }
            if answer?.kind == .reset { continue }
            #expect(answer?.payload == Raw.message([42]))
            return
        }
        Issue.record("refused again and again")
    }

    /// Handlers that run until they are let go, whatever becomes of their call.
    private struct Stubborn {
        let go = HTTP2TestServer.eventLoop.makePromise(of: Void.self)
        var router: Router {
            .echo([
                (
                    MethodDescriptor(service: "test.Stubborn", method: "Run", kind: .unary),
                    .unary { [go] request, _ in
                        try await go.futureResult.get()
                        return request
                    }
                )
            ])
        }

        static func call(_ stream: UInt32) -> [UInt8] {
            Raw.frame(.headers, flags: 4, stream: stream, Raw.call("/test.Stubborn/Run"))
                + Raw.frame(.data, flags: 1, stream: stream, Raw.message([]))
        }
    }

    @Test func `a flood of calls that are reset while they run ends the connection`() async throws {
        var limits = HTTP2Limits()
        limits.resets = TokenBucket.Limits(burst: 10, perSecond: 0)
        let stubborn = Stubborn()
        try await withHTTP2(stubborn.router, limits: limits) { client, _ in
            for stream in stride(from: UInt32(1), to: 41, by: 2) {
                client.send(
                    Stubborn.call(stream) + Raw.frame(.reset, stream: stream, Raw.bytes(8)))
            }
            let goAway = try #require(await client.first(.goAway))
            #expect(goAway.errorCode == Self.calm)
            #expect(await client.first(.data) == nil)
            stubborn.go.succeed()
        }
    }

    @Test func `handlers count until they end, not until they are reset`() async throws {
        var limits = HTTP2Limits()
        limits.concurrentCallsMax = 3
        let stubborn = Stubborn()
        try await withHTTP2(stubborn.router, limits: limits) { client, _ in
            for stream in [1, 3, 5] as [UInt32] {
                client.send(
                    Stubborn.call(stream) + Raw.frame(.reset, stream: stream, Raw.bytes(8)))
            }
            client.send(unaryCall(7))
            let refused = try #require(await client.first(.reset))
            #expect(refused.stream == 7)
            #expect(refused.errorCode == 7)
            stubborn.go.succeed()
            // The handlers end in their own turn of the loop; once they have, there is room.
            var stream: UInt32 = 9
            while true {
                client.send(unaryCall(stream))
                let answer = try #require(
                    await client.first { $0.kind == .reset || $0.kind == .data })
                if answer.kind == .data { break }
                stream += 2
            }
        }
    }

    @Test func `a stream too many is refused, and the others go on`() async throws {
        var limits = HTTP2Limits()
        limits.concurrentCallsMax = 2
        try await withHTTP2(limits: limits) { client, _ in
            client.send(Raw.frame(.settings, flags: 1))
            for stream in [1, 3, 5] as [UInt32] {
                client.send(
                    Raw.frame(
                        .headers, flags: 4, stream: stream, Raw.call("/test.Echo/Bidirectional")))
            }
            let refused = try #require(await client.first(.reset))
            #expect(refused.stream == 5)
            #expect(refused.errorCode == 7)
            client.send(Raw.frame(.data, flags: 1, stream: 1, Raw.message([1])))
            #expect(await client.first { $0.kind == .data && $0.stream == 1 } != nil)
            #expect(await client.first { $0.isEnd && $0.stream == 1 } != nil)
            await expectService(client, stream: 7)
        }
    }

    @Test func `a header list over the limit is refused, and the connection goes on`() async throws
    {
        try await withHTTP2 { client, _ in
            let large = [("x-large", String(repeating: "a", count: 9000))]
            let block = Raw.call("/test.Echo/Unary", large + large)
            let half = block.count / 2
            client.send(
                Raw.frame(.headers, stream: 1, Array(block[..<half]))
                    + Raw.frame(.continuation, flags: 4, stream: 1, Array(block[half...])))
            let answer = try #require(await client.first(.headers))
            #expect(answer.fields.first == ":status: 431")
            #expect(answer.fields.contains("grpc-status: 8"))
            await expectService(client, stream: 3)
        }
    }

    @Test func `a small block that unfolds to megabytes is refused, and the connection goes on`()
        async throws
    {
        try await withHTTP2 { client, _ in
            // One field of 3 KB into the dynamic table, then 8,000 references to it.
            let value = [UInt8](repeating: 97, count: 3000)
            let field: [UInt8] = [0x40, 1, 120, 127, 0xB9, 0x16] + value
            let block =
                Raw.call("/test.Echo/Unary") + field + [UInt8](repeating: 0xBE, count: 8000)
            client.send(Raw.frame(.headers, flags: 4 | 1, stream: 1, block))
            let answer = try #require(await client.first(.headers))
            #expect(answer.fields.first == ":status: 431")
            await expectService(client, stream: 3)
        }
    }

    @Test func `a header block that does not end ends the connection`() async throws {
        try await withHTTP2 { client, _ in
            client.send(Raw.frame(.headers, stream: 1, Raw.call("/test.Echo/Unary")))
            for number in 0..<100 {
                let field = Raw.block([("x-\(number)", "a")])
                client.send(Raw.frame(.continuation, stream: 1, field))
            }
            #expect(await client.first(.goAway) != nil)
            #expect(await client.first(.data) == nil)
        }
    }

    @Test func `a header block that stops ends the connection after a while`() async throws {
        var limits = HTTP2Limits()
        limits.headerTimeout = .seconds(1)
        try await withHTTP2(limits: limits) { client, _ in
            client.send(Raw.frame(.headers, stream: 1, Raw.call("/test.Echo/Unary")))
            #expect(await client.first { $0.stream == 1 } == nil)
        }
    }

    @Test(arguments: [[], Array("PRI * HTTP/2.0\r\n\r\n".utf8)] as [[UInt8]])
    func `a client that never completes its preface is cut off`(bytes: [UInt8]) async throws {
        var limits = HTTP2Limits()
        // Long enough for the bytes to come first: they must not make the server wait on.
        limits.headerTimeout = .milliseconds(500)
        let server = try await HTTP2TestServer.start(.echo(), limits: limits)
        let client = try await RawHTTP2Client(to: server.address)
        #expect(await client.next()?.kind == .settings)
        client.send(bytes)
        #expect(await client.first(.data) == nil)
        try await server.stop()
    }

    @Test func `pings that come too often end the connection`() async throws {
        try await withHTTP2 { client, _ in
            for _ in 0..<4 { client.send(Raw.frame(.ping, [UInt8](repeating: 0, count: 8))) }
            let goAway = try #require(await client.first(.goAway))
            #expect(goAway.errorCode == Self.calm)
            #expect(goAway.debugData == "too_many_pings")
            #expect(await client.next() == nil)
        }
    }

    @Test func `pings between answers are what honest clients do`() async throws {
        try await withHTTP2 { client, _ in
            for stream in stride(from: UInt32(1), to: 41, by: 2) {
                client.send(Raw.frame(.ping, [UInt8](repeating: 0, count: 8)))
                await expectService(client, stream: stream)
            }
        }
    }

    @Test(arguments: [
        Raw.frame(.settings), Raw.frame(.data, stream: 1),
        Raw.frame(.priority, stream: 99, [0, 0, 0, 0, 0]),
    ])
    func `a flood of frames that do nothing ends the connection`(frame: [UInt8]) async throws {
        var limits = HTTP2Limits()
        limits.idleFrames = TokenBucket.Limits(burst: 50, perSecond: 0)
        try await withHTTP2(limits: limits) { client, _ in
            client.send(
                Raw.frame(.headers, flags: 4, stream: 1, Raw.call("/test.Echo/Bidirectional")))
            for _ in 0..<100 { client.send(frame) }
            let goAway = try #require(await client.first(.goAway))
            #expect(goAway.errorCode == Self.calm)
        }
    }

    @Test func `answers that a client does not take are bounded`() async throws {
        var limits = HTTP2Limits()
        limits.connectionQueueBytesMax = 100_000
        let settings: [(UInt16, UInt32)] = [(4, 0)]
        try await withHTTP2(limits: limits, settings: settings) { client, _ in
            let payload = [UInt8](repeating: 1, count: 16_000)
            for stream in stride(from: UInt32(1), to: 19, by: 2) {
                client.send(
                    Raw.frame(.headers, flags: 4, stream: stream, Raw.call("/test.Echo/Unary"))
                        + Raw.frame(.data, stream: stream, [0] + Raw.bytes(16_000))
                        + Raw.frame(.data, flags: 1, stream: stream, payload))
            }
            let refused = try #require(await client.first { $0.isEnd && $0.kind == .headers })
            #expect(refused.fields.contains("grpc-status: 8"))
            // Those that fitted are all there once the client opens its window.
            client.send(
                Raw.frame(.windowUpdate, Raw.bytes(1 << 20))
                    + Raw.frame(.settings, [0, 4] + Raw.bytes(1 << 20)))
            var okCount = 0
            for _ in 0..<8 {
                let end = await client.first { $0.kind == .headers && $0.isEnd }
                if end?.fields == ["grpc-status: 0"] { okCount += 1 }
            }
            #expect(okCount == 6)
        }
    }

    @Test func `a client that takes nothing is cut off`() async throws {
        var limits = HTTP2Limits()
        limits.stallTimeout = .milliseconds(20)
        try await withHTTP2(limits: limits, settings: [(4, 0)]) { client, _ in
            client.send(unaryCall(1, [1]))
            #expect(await client.first(.data) == nil)
        }
    }

    @Test func `data for a stream that has its answer are dropped and counted`() async throws {
        try await withHTTP2 { client, _ in
            client.send(Raw.frame(.headers, flags: 4, stream: 1, Raw.call("/test.Echo/Nothing")))
            let piece = [UInt8](repeating: 0, count: 16_384)
            for _ in 0..<15 { client.send(Raw.frame(.data, stream: 1, piece)) }
            #expect(await client.first(.reset)?.errorCode == 0)
            await expectService(client, stream: 3)
        }
    }

    @Test func `stream errors without end end the connection`() async throws {
        var limits = HTTP2Limits()
        limits.streamErrors = TokenBucket.Limits(burst: 10, perSecond: 0)
        try await withHTTP2(limits: limits) { client, _ in
            for stream in stride(from: UInt32(1), to: 61, by: 2) {
                // No request lacks :method.
                client.send(
                    Raw.frame(.headers, flags: 4, stream: stream, Raw.block([("a", "b")])))
            }
            #expect(await client.first(.goAway)?.errorCode == Self.calm)
        }
    }

    @Test(arguments: [
        ("a stream id that is even", Raw.frame(.headers, flags: 4, stream: 2, Raw.call("/a/b"))),
        ("data on an idle stream", Raw.frame(.data, stream: 9, [1])),
        ("data on the connection", Raw.frame(.data, stream: 0, [1])),
        ("a window update of nothing", Raw.frame(.windowUpdate, Raw.bytes(0))),
        ("a window beyond 2^31-1", Raw.frame(.windowUpdate, Raw.bytes(0x7FFF_FFFF))),
        ("settings of 5 bytes", Raw.frame(.settings, [0, 0, 0, 0, 0])),
        ("a ping of 7 bytes", Raw.frame(.ping, [0, 0, 0, 0, 0, 0, 0])),
        ("a push promise", Raw.frame(.pushPromise, flags: 4, stream: 1, [0, 0, 0, 2])),
        ("a continuation of nothing", Raw.frame(.continuation, flags: 4, stream: 1, [])),
        ("padding longer than its frame", Raw.frame(.data, flags: 8, stream: 1, [200, 1])),
        ("a broken header block", Raw.frame(.headers, flags: 4, stream: 1, [0xFF, 0xFF, 0xFF])),
        ("a frame over the size limit", [0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 1]),
    ])
    func `what breaks HTTP/2 ends the connection with a GOAWAY`(name: String, bytes: [UInt8])
        async throws
    {
        try await withHTTP2 { client, _ in
            client.send(bytes)
            let goAway = try #require(await client.first(.goAway), "\(name)")
            #expect(goAway.errorCode != 0)
            #expect(await client.first(.data) == nil)
        }
    }

    @Test func `bytes that are no HTTP/2 at all close the connection`() async throws {
        let server = try await HTTP2TestServer.start(.echo())
        let client = try await RawHTTP2Client(to: server.address)
        client.send(Array("GET / HTTP/1.1\r\nhost: test\r\n\r\n".utf8))
        #expect(await client.first(.data) == nil)
        try await server.stop()
    }

    @Test(arguments: UInt64(1)...20)
    func `random frames never keep the server from serving others`(seed: UInt64) async throws {
        var state = seed
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        let server = try await HTTP2TestServer.start(.echo())
        let client = try await RawHTTP2Client(to: server.address)
        client.start()
        for _ in 0..<200 {
            let payload =
                random(2) == 0
                ? Raw.call("/test.Echo/Bidirectional")
                : (0..<random(40)).map { _ in UInt8(random(256)) }
            let kind = Raw.Frame.Kind(rawValue: UInt8(random(10))) ?? .data
            client.send(
                Raw.frame(
                    kind, flags: UInt8(random(256)), stream: UInt32(random(8)), payload))
        }
        let other = try await RawHTTP2Client(to: server.address)
        other.start()
        await expectService(other, stream: 1)
        try await server.stop()
    }
}

@Suite(.timeLimit(.minutes(10))) struct GRPCHostileInputTests {
    /// The status that a call with this body ends with.
    private func status(
        of body: [UInt8], method: String = "Unary", fields: [(String, String)] = []
    ) async throws -> String? {
        var status: String?
        try await withHTTP2 { client, _ in
            client.send(
                Raw.frame(
                    .headers, flags: 4, stream: 1, Raw.call("/test.Echo/\(method)", fields))
                    + Raw.frame(.data, flags: 1, stream: 1, body))
            let answer = await client.first { $0.isEnd && $0.kind == .headers }
            status = answer?.fields.first { $0.hasPrefix("grpc-status") }
        }
        return status
    }

    @Test(arguments: ["Unary", "ClientStreaming", "Bidirectional"])
    func `a length over the limit is RESOURCE_EXHAUSTED`(method: String) async throws {
        let status = try await status(of: [0, 0xFF, 0xFF, 0xFF, 0xFF], method: method)
        #expect(status == "grpc-status: 8")
    }

    @Test(arguments: ["Unary", "ClientStreaming", "Bidirectional"])
    func `a message that is cut off is INTERNAL`(method: String) async throws {
        #expect(try await status(of: [0, 0, 0, 0, 9, 1], method: method) == "grpc-status: 13")
    }

    @Test func `an unknown flag is INTERNAL`() async throws {
        #expect(try await status(of: [2, 0, 0, 0, 0]) == "grpc-status: 13")
    }

    @Test func `a compressed message without an encoding is INTERNAL`() async throws {
        #expect(try await status(of: Raw.message([1], flag: 1)) == "grpc-status: 13")
    }

    @Test func `a gzip message that is none is INTERNAL`() async throws {
        let status = try await status(
            of: Raw.message([1, 2, 3], flag: 1), fields: [("grpc-encoding", "gzip")])
        #expect(status == "grpc-status: 13")
    }

    @Test func `a gzip message that unfolds beyond the limit is RESOURCE_EXHAUSTED`() async throws {
        let bomb = try Gzip.compress([UInt8](repeating: 0, count: (4 << 20) + 1))
        let status = try await status(
            of: Raw.message(bomb, flag: 1), fields: [("grpc-encoding", "gzip")])
        #expect(status == "grpc-status: 8")
    }

    @Test func `two messages of a unary call are UNIMPLEMENTED`() async throws {
        #expect(try await status(of: Raw.message([1]) + Raw.message([2])) == "grpc-status: 12")
    }

    @Test(arguments: ["123456789S", "5x", "S", "-1S"])
    func `a malformed time-out is INTERNAL`(timeout: String) async throws {
        let status = try await status(of: Raw.message([]), fields: [("grpc-timeout", timeout)])
        #expect(status == "grpc-status: 13")
    }

    @Test func `bad metadata does not fail a call`() async throws {
        let status = try await status(
            of: Raw.message([]), fields: [("a-bin", "!!!"), ("b", "caf\u{E9}")])
        #expect(status == "grpc-status: 0")
    }

    @Test func `tens of thousands of empty messages arrive, a few at a time`() async throws {
        try await withHTTP2 { client, _ in
            // The larger window counts from the moment the client has acknowledged it.
            client.send(Raw.frame(.settings, flags: 1))
            client.send(
                Raw.frame(.headers, flags: 4, stream: 1, Raw.call("/test.Echo/ClientStreaming")))
            let empty = [UInt8](repeating: 0, count: 16_380)
            for _ in 0..<15 { client.send(Raw.frame(.data, stream: 1, empty)) }
            client.send(Raw.frame(.data, flags: 1, stream: 1, Raw.message([9])))
            #expect(await client.first(.data)?.payload == Raw.message([9]))
        }
    }
}
