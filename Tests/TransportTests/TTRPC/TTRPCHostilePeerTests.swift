import NIOCore
import RPC
import Testing

@testable import Transport

/// What a peer may send that it should not, over real sockets.
@Suite struct TTRPCHostilePeerTests {
    private static func bytes(
        _ length: UInt32, _ streamID: UInt32, _ type: UInt8, _ flags: UInt8 = 0,
        _ data: [UInt8] = [], zeros: Int = 0
    ) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeMultipleIntegers(length, streamID, type, flags)
        bytes.writeBytes(data)
        bytes.writeRepeatingByte(0, count: zeros)
        return bytes
    }

    /// What is sent, on which stream the answer comes, and its code.
    static let offences: [(String, ByteBuffer, UInt32, StatusCode)] = [
        ("an even stream id", bytes(0, 2, 1), 2, .invalidArgument),
        ("stream id 0", bytes(0, 0, 1), 0, .invalidArgument),
        ("a used stream id", bytes(0, 1, 1), 1, .invalidArgument),
        ("a request that is not protobuf", bytes(2, 3, 1, 0, [0x0A, 9]), 3, .invalidArgument),
        ("an empty request", bytes(0, 3, 1), 3, .unimplemented),
        ("a streaming request", bytes(0, 3, 1, 2), 3, .unimplemented),
        ("data on an unknown stream", bytes(1, 9, 3, 0, [0]), 9, .invalidArgument),
        ("data on a finished stream", bytes(0, 1, 3, 5), 1, .invalidArgument),
        (
            "a request over 4 MiB",
            bytes((4 << 20) + 1, 3, 1, zeros: (4 << 20) + 1), 3,
            .resourceExhausted
        ),
    ]

    @Test(arguments: offences)
    func `an offence is answered and the connection lives`(
        what: String, bytes: ByteBuffer, streamID: UInt32, code: StatusCode
    ) async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client())
        try await connection.send(try ByteBuffer(request: TestServer.echo, "x", streamID: 1))
        #expect(try await connection.nextFrame()?.streamID == 1)
        try await connection.send(bytes)
        let answer = try #require(try await connection.nextFrame())
        #expect(answer.streamID == streamID)
        #expect(answer.kind == .response)
        #expect(try TTRPCResponse(decoding: answer.data).error?.code == code, "\(what)")
        try await connection.send(try ByteBuffer(request: TestServer.echo, "y", streamID: 11))
        let echo = try #require(try await connection.nextFrame())
        #expect(try TTRPCResponse(decoding: echo.data).payload == ByteBuffer(string: "y"))
        await connection.close()
        await server.stop()
    }

    @Test func `a unary request for a stream is refused`() async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client())
        try await connection.send(try ByteBuffer(request: TestServer.count, "1 4", streamID: 1))
        let answer = try #require(try await connection.nextFrame())
        #expect(try TTRPCResponse(decoding: answer.data).error?.code == .invalidArgument)
        await connection.close()
        await server.stop()
    }

    @Test func `what a peer does not read is bounded for all its streams together`() async throws {
        var limits = TransportLimits.patient
        limits.answerQueueBytesLimit = 1 << 20
        let server = try await TestServer(limits: limits)
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client(), reads: false)
        // Far more than the sockets' own buffers hold.
        let calls = (0..<200).map { UInt32($0 * 2 + 1) }
        for stream in calls {
            try await connection.send(
                try ByteBuffer(
                    request: TestServer.count, "1 262144", streamID: stream, flags: .remoteClosed))
        }
        try await connection.channel.setOption(.autoRead, value: true).get()
        var (refused, served) = (0, 0)
        while refused + served < calls.count {
            let frame = try #require(try await connection.nextFrame())
            if frame.kind == .response {
                let error = try TTRPCResponse(decoding: frame.data).error
                try #require(error?.code == .resourceExhausted)
                refused += 1
            } else if frame.flags.contains(.remoteClosed) {
                served += 1
            }
        }
        #expect(refused > 0)
        #expect(served > 0)
        // The connection lives.
        try await connection.send(try ByteBuffer(request: TestServer.echo, "y", streamID: 999))
        let echo = try #require(try await connection.nextFrame())
        #expect(try TTRPCResponse(decoding: echo.data).payload == ByteBuffer(string: "y"))
        await connection.close()
        await server.stop()
    }

    @Test func `a name that is not served comes back clipped`() async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client())
        let long = MethodDescriptor(
            service: String(repeating: "s", count: 1 << 20), method: "M", kind: .unary)
        try await connection.send(try ByteBuffer(request: long, "x", streamID: 1))
        let answer = try #require(try await connection.nextFrame())
        let error = try TTRPCResponse(decoding: answer.data).error
        #expect(error?.code == .unimplemented)
        #expect(answer.data.readableBytes < 8_192)
        await connection.close()
        await server.stop()
    }

    @Test func `frames of unknown types are ignored`() async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client())
        for type in [0, 2, 4, 5, 0x40, 0xFF] as [UInt8] {
            try await connection.send(Self.bytes(3, 1, type, 0xFF, [1, 2, 3]))
        }
        try await connection.send(try ByteBuffer(request: TestServer.echo, "y", streamID: 1))
        #expect(try await connection.nextFrame()?.streamID == 1)
        await connection.close()
        await server.stop()
    }

    @Test func `an absurd length is answered, then the connection closes`() async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client())
        try await connection.send(Self.bytes(.max, 1, 1))
        let answer = try #require(try await connection.nextFrame())
        #expect(try TTRPCResponse(decoding: answer.data).error?.code == .resourceExhausted)
        #expect(try await connection.nextFrame() == nil)
        await server.stop()
    }

    @Test func `a second message fails its call`() async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client())
        try await connection.send(try ByteBuffer(request: TestServer.wait, streamID: 1))
        await server.events.happened("waiting")
        try await connection.send(Self.bytes(1, 1, 3, 0, [0]))
        let answer = try #require(try await connection.nextFrame())
        #expect(try TTRPCResponse(decoding: answer.data).error?.code == .invalidArgument)
        await server.events.happened("cancelled")
        await connection.close()
        await server.stop()
    }

    @Test func `an empty request starts a stream, which ends as ttrpc says`() async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client())
        try await connection.send(
            try ByteBuffer(request: TestServer.count, "1 4", streamID: 1, flags: .remoteClosed))
        #expect(
            try await connection.nextFrame()
                == TTRPCFrame(streamID: 1, kind: .data, data: ByteBuffer(integer: UInt32(0))))
        #expect(
            try await connection.nextFrame()
                == TTRPCFrame(streamID: 1, kind: .data, flags: [.remoteClosed, .noData]))
        await connection.close()
        await server.stop()
    }

    @Test func `a cancelled call gets no answer`() async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client())
        try await connection.send(try ByteBuffer(request: TestServer.wait, streamID: 1))
        await server.events.happened("waiting")
        try await connection.send(ByteBuffer(frame: TTRPCFrame(streamID: 1, kind: .cancel)))
        await server.events.happened("cancelled")
        try await connection.send(try ByteBuffer(request: TestServer.echo, streamID: 3))
        #expect(try await connection.nextFrame()?.streamID == 3)
        await connection.close()
        await server.stop()
    }

    @Test func `frames survive being cut at every byte`() async throws {
        let server = try await TestServer()
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client())
        var bytes = try ByteBuffer(request: TestServer.echo, "whole", streamID: 1)
        while let byte = bytes.readSlice(length: 1) { try await connection.send(byte) }
        let answer = try #require(try await connection.nextFrame())
        #expect(try TTRPCResponse(decoding: answer.data).payload == ByteBuffer(string: "whole"))
        await connection.close()
        await server.stop()
    }

    @Test func `a peer that reads nothing is held back, then thrown out`() async throws {
        var limits = TransportLimits()
        limits.writeStallTimeout = .milliseconds(200)
        let server = try await TestServer(limits: limits)
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client(), reads: false)
        try await connection.send(
            try ByteBuffer(request: TestServer.endless, streamID: 1, flags: .remoteClosed))
        await server.events.happened("ended")
        // What the kernel takes for both sockets, and our own bounded queues.
        #expect(server.events.written < 32 << 20)
        await connection.close()
        await server.stop()
    }

    @Test func `a peer that asks without reading is not read from`() async throws {
        var limits = TransportLimits()
        limits.writeStallTimeout = .milliseconds(300)
        let server = try await TestServer(limits: limits)
        let connection = try await RawConnection.connect(
            port: server.listener.port, tls: TestServer.client(), reads: false)
        // Every request is answered with a megabyte, which nobody takes. Sending them all succeeds
        // only if the server reads them all.
        var requests = ByteBuffer()
        for index in 0..<8_000 {
            let request = try ByteBuffer(
                request: TestServer.zeros, "1000000", streamID: UInt32(2 * index + 1))
            requests.writeImmutableBuffer(request)
            requests.writeImmutableBuffer(
                ByteBuffer(
                    frame: TTRPCFrame(
                        streamID: 1, kind: .data, data: ByteBuffer(repeating: 0, count: 2000))))
        }
        await #expect(throws: (any Error).self) { try await connection.send(requests) }
        try await connection.channel.closeFuture.get()
        await server.stop()
    }
}
