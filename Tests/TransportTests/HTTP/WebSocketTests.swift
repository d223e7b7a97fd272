import NIOCore
import Testing

@testable import Transport

/// WebSockets on real TLS sockets, frame by frame.
@Suite struct WebSocketTests {
    private static func handshake(_ more: String = "") -> String {
        "GET /socket HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\(more)\r\n"
    }

    /// What comes back after the handshake.
    private func talk(
        _ server: HTTPTestServer, _ frames: [UInt8]
    ) async throws -> (head: String, frames: [UInt8]) {
        let connection = try await server.connect()
        try await connection.send(Self.handshake())
        try await connection.send(ByteBuffer(bytes: frames))
        let all = Array(try await connection.rest().readableBytesView)
        let end = Array("\r\n\r\n".utf8)
        let split = (0...(all.count - 4)).first { Array(all[$0..<($0 + 4)]) == end } ?? all.count
        return (String(decoding: all[..<split], as: UTF8.self), Array(all[(split + 4)...]))
    }

    @Test func `a handshake is answered, and texts go both ways`() async throws {
        try await HTTPTestServer.with { server in
            let (head, frames) = try await talk(
                server, text("hello") + text("again") + text("bye"))
            #expect(head.hasPrefix("HTTP/1.1 101"))
            #expect(head.lowercased().contains("s3pplmbitxaq9kygzzhzrbk+xoo="))
            #expect(
                frames == [0x81, 5] + Array("hello".utf8) + [0x81, 5] + Array("again".utf8)
                    + [0x88, 2, 3, 232])
        }
    }

    @Test func `frames may come with the handshake, in pieces, and with pings between them`()
        async throws
    {
        try await HTTPTestServer.with { server in
            let connection = try await server.connect()
            let pieces =
                frame(1, Array("hel".utf8), final: false) + frame(9, [7])
                + frame(0, Array("lo".utf8)) + text("bye")
            try await connection.send(
                ByteBuffer(bytes: Array(Self.handshake().utf8) + pieces))
            let all = Array(try await connection.rest().readableBytesView)
            let expected = [0x8A, 1, 7] + [0x81, 5] + Array("hello".utf8) + [0x88, 2, 3, 232]
            #expect(Array(all.suffix(expected.count)) == expected)
        }
    }

    @Test(
        arguments: [
            ([0x81, 2, 104, 105], 1002),
            (frame(1, [0xFF, 0xFE]), 1007),
            (frame(3, []), 1002),
            (frame(1, [1], final: false) + frame(1, [2]), 1002),
            ([0x81, 0xFF, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0], 1009),
        ] as [([UInt8], Int)])
    func `what breaks the protocol closes the socket with a reason`(
        frames: [UInt8], code: Int
    ) async throws {
        try await HTTPTestServer.with { server in
            let (_, answer) = try await talk(server, frames)
            #expect(answer == [0x88, 2, UInt8(code >> 8), UInt8(code & 255)])
        }
    }

    @Test func `the peer's farewell is answered, and the handler learns of it`() async throws {
        try await HTTPTestServer.with { server in
            let (_, answer) = try await talk(server, frame(8, [3, 232]))
            #expect(answer == [0x88, 2, 3, 232])
            await server.handler.events.happened("socket closed")
        }
    }

    @Test(
        arguments: [
            ([], 1000), ([3, 233], 1001), ([15, 160], 4000), ([3, 232, 0xFF], 1007), ([3], 1002),
            ([3, 236], 1002), ([0, 7], 1002),
        ] as [([UInt8], Int)])
    func `a farewell is answered with its own code, or with what is wrong with it`(
        payload: [UInt8], code: Int
    ) async throws {
        try await HTTPTestServer.with { server in
            let (_, answer) = try await talk(server, frame(8, payload))
            #expect(answer == [0x88, 2, UInt8(code >> 8), UInt8(code & 255)])
        }
    }

    @Test func `a fragment that is not masked closes the socket`() async throws {
        try await HTTPTestServer.with { server in
            let (_, answer) = try await talk(
                server, frame(1, [97], final: false) + [0x80, 1, 98])
            #expect(answer == [0x88, 2, 3, 234])
        }
    }

    @Test func `a request that is no handshake is not upgraded`() async throws {
        try await HTTPTestServer.with { server in
            let answer = try await server.answer(
                "GET /socket HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(HTTPTestServer.statuses(answer) == ["426"])
            let old = Self.handshake().replacing("Version: 13", with: "Version: 8")
            #expect(HTTPTestServer.statuses(try await server.answer(old)) == ["426"])
        }
    }
}

/// A client's frame, masked with zeros, which changes nothing.
private func frame(_ opcode: UInt8, _ payload: [UInt8], final: Bool = true) -> [UInt8] {
    var bytes = [opcode | (final ? 0x80 : 0)]
    if payload.count < 126 {
        bytes.append(0x80 | UInt8(payload.count))
    } else {
        bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    }
    return bytes + [0, 0, 0, 0] + payload
}

private func text(_ text: String) -> [UInt8] {
    frame(1, Array(text.utf8))
}
