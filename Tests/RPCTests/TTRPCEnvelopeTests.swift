import NIOCore
import RPC
import Testing

@Suite struct TTRPCEnvelopeTests {
    /// Writes a frame and gives its data back.
    private static func data(
        _ write: (inout ByteBuffer) throws -> Void
    ) rethrows -> (frame: TTRPCFrame?, data: ByteBuffer) {
        var bytes = ByteBuffer()
        try write(&bytes)
        var decoder = TTRPCFrameDecoder()
        decoder.receive(bytes)
        guard case .frame(let frame) = decoder.next() else { return (nil, ByteBuffer()) }
        return (frame, frame.data)
    }

    @Test func `a request comes back as it was written`() throws {
        var metadata: Metadata = ["authorization": "bearer x"]
        metadata.add("authorization", "again")
        metadata.add("empty", "")
        let request = TTRPCRequest(
            service: "signalbox.v1.ExecutionService", method: "Trigger",
            payload: ByteBuffer(string: "payload"), timeoutNanoseconds: 5_000_000_000,
            metadata: metadata)
        let (frame, data) = try Self.data {
            try $0.writeTTRPCRequest(request, streamID: 7, flags: .remoteClosed)
        }
        #expect(frame?.streamID == 7)
        #expect(frame?.kind == .request)
        #expect(frame?.flags == .remoteClosed)
        #expect(try TTRPCRequest(decoding: data) == request)
    }

    @Test func `a request has the bytes protobuf gives it`() throws {
        let request = TTRPCRequest(
            service: "s", method: "m", payload: ByteBuffer(string: "p"), timeoutNanoseconds: 300,
            metadata: ["k": "v"])
        let (_, data) = try Self.data { try $0.writeTTRPCRequest(request, streamID: 1, flags: []) }
        #expect(
            Array(data.readableBytesView) == [
                0x0A, 1, 0x73, 0x12, 1, 0x6D, 0x1A, 1, 0x70, 0x20, 0xAC, 0x02,
                0x2A, 6, 0x0A, 1, 0x6B, 0x12, 1, 0x76,
            ])
    }

    @Test func `a negative timeout survives`() throws {
        let request = TTRPCRequest(service: "s", method: "m", timeoutNanoseconds: -1)
        let (_, data) = try Self.data { try $0.writeTTRPCRequest(request, streamID: 1, flags: []) }
        #expect(try TTRPCRequest(decoding: data).timeoutNanoseconds == -1)
    }

    @Test func `a response comes back as it was written`() throws {
        let (frame, data) = try Self.data {
            try $0.writeTTRPCResponse(payload: ByteBuffer(string: "answer"), streamID: 9)
        }
        #expect(frame?.kind == .response)
        #expect(
            try TTRPCResponse(decoding: data)
                == TTRPCResponse(payload: ByteBuffer(string: "answer")))
    }

    @Test func `an empty response is an empty frame`() throws {
        let (_, data) = try Self.data {
            try $0.writeTTRPCResponse(payload: ByteBuffer(), streamID: 9)
        }
        #expect(data.readableBytes == 0)
        #expect(try TTRPCResponse(decoding: data) == TTRPCResponse(payload: ByteBuffer()))
    }

    @Test func `a status keeps its code, message and details`() throws {
        let error = RPCError(
            .notFound, "no such execution – never was",
            details: [
                .init(typeURL: "type.googleapis.com/a.B", value: [1, 2, 3]),
                .init(typeURL: "", value: []),
            ])
        let (_, data) = Self.data { $0.writeTTRPCResponse(error: error, streamID: 9) }
        #expect(try TTRPCResponse(decoding: data).error == error)
    }

    @Test func `a code we do not know is unknown, and OK is no error`() throws {
        #expect(try RPCError(googleStatus: ByteBuffer(bytes: [0x08, 99]))?.code == .unknown)
        #expect(try RPCError(googleStatus: ByteBuffer(bytes: [0x08, 0])) == nil)
        #expect(try RPCError(googleStatus: ByteBuffer()) == nil)
    }

    @Test func `a request over 4 MiB is refused and leaves nothing behind`() {
        let request = TTRPCRequest(
            service: "s", method: "m", payload: ByteBuffer(repeating: 0, count: 4 << 20))
        var bytes = ByteBuffer()
        #expect(throws: RPCError.self) {
            try bytes.writeTTRPCRequest(request, streamID: 1, flags: [])
        }
        #expect(bytes.readableBytes == 0)
    }

    @Test func `a status over 4 MiB loses its details`() throws {
        let error = RPCError(
            .internal, "big",
            details: [.init(typeURL: "t", value: .init(repeating: 0, count: 5 << 20))])
        let (_, data) = Self.data { $0.writeTTRPCResponse(error: error, streamID: 9) }
        #expect(try TTRPCResponse(decoding: data).error == RPCError(.internal, "big"))
    }

    @Test(arguments: [0, 1, 127, 128, 16383, 16384, 1 << 35, UInt64.max])
    func `the size of a number is what it is written in`(value: UInt64) {
        var bytes = ByteBuffer()
        bytes.writeVarint(value)
        #expect(bytes.readableBytes == ByteBuffer.varintByteCount(value))
        bytes.clear()
        bytes.writeInteger(UInt8(8))
        bytes.writeVarint(value)
        var reader = ProtobufFieldReader(bytes)
        #expect((try? reader.next()) == .number(1, value))
    }
}
