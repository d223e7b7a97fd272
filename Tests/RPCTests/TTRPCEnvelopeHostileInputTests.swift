import NIOCore
import RPC
import Testing

@Suite struct TTRPCEnvelopeHostileInputTests {
    /// What is wrong, and the bytes.
    static let malformed: [(String, [UInt8])] = [
        ("a length beyond the end", [0x0A, 5, 0x73]),
        ("a length of 2^63", [0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]),
        ("a length of 2^64 - 1", [0x0A, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
        ("a number of eleven bytes", [0x20, 128, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1]),
        ("a number over 64 bits", [0x20, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2]),
        ("a number without end", [0x20, 0x80]),
        ("field number 0", [0x02, 0]),
        ("a group", [0x0B, 0x0C]),
        ("wire type 6", [0x0E]),
        ("wire type 7", [0x0F]),
        ("a cut-off fixed32", [0x7D, 1, 2, 3]),
        ("a cut-off fixed64", [0x79, 1, 2, 3, 4, 5, 6, 7]),
        ("a service that is not UTF-8", [0x0A, 2, 0xC3, 0x28]),
        ("a method with a surrogate", [0x12, 3, 0xED, 0xA0, 0x80]),
        ("a metadata entry with a bad length", [0x2A, 2, 0x0A, 9]),
        ("a metadata key that is not UTF-8", [0x2A, 3, 0x0A, 1, 0xFF]),
    ]

    @Test(arguments: malformed)
    func `a malformed request is INVALID_ARGUMENT`(what: String, bytes: [UInt8]) {
        let error = #expect(throws: RPCError.self) {
            try TTRPCRequest(decoding: ByteBuffer(bytes: bytes))
        }
        #expect(error?.code == .invalidArgument, "\(what)")
    }

    @Test func `a valid request cut off at any byte is refused or shorter`() throws {
        let request = TTRPCRequest(
            service: "service", method: "method", payload: ByteBuffer(string: "payload"),
            timeoutNanoseconds: 1 << 40, metadata: ["key": "value"])
        var bytes = ByteBuffer()
        try bytes.writeTTRPCRequest(request, streamID: 1, flags: [])
        bytes.moveReaderIndex(forwardBy: TTRPCFrame.headerByteCount)
        for count in 0..<bytes.readableBytes {
            guard let cut = bytes.getSlice(at: bytes.readerIndex, length: count) else { continue }
            if let decoded = try? TTRPCRequest(decoding: cut) { #expect(decoded != request) }
        }
    }

    @Test func `unknown fields of every wire type are skipped`() throws {
        let bytes: [UInt8] = [
            0x78, 5, 0x79, 1, 2, 3, 4, 5, 6, 7, 8, 0x7A, 2, 9, 9, 0x7D, 1, 2, 3, 4,
            0x0A, 1, 0x73,
        ]
        #expect(
            try TTRPCRequest(decoding: ByteBuffer(bytes: bytes))
                == TTRPCRequest(service: "s", method: ""))
    }

    @Test func `a known field of another wire type is skipped`() throws {
        #expect(
            try TTRPCRequest(decoding: ByteBuffer(bytes: [0x08, 1, 0x12, 1, 0x6D, 0x22, 1, 1]))
                == TTRPCRequest(service: "", method: "m"))
    }

    @Test func `metadata over the limit is RESOURCE_EXHAUSTED`() throws {
        var metadata: Metadata = [:]
        for index in 0..<100 { metadata.add("key-\(index)", "some value") }
        let request = TTRPCRequest(service: "s", method: "m", metadata: metadata)
        var bytes = ByteBuffer()
        try bytes.writeTTRPCRequest(request, streamID: 1, flags: [])
        bytes.moveReaderIndex(forwardBy: TTRPCFrame.headerByteCount)
        let error = #expect(throws: RPCError.self) {
            try TTRPCRequest(decoding: bytes, metadataBytesMax: 500)
        }
        #expect(error?.code == .resourceExhausted)
        #expect(try TTRPCRequest(decoding: bytes, metadataBytesMax: 5000) == request)
    }

    @Test(arguments: malformed.prefix(11))
    func `a malformed response is INTERNAL`(what: String, bytes: [UInt8]) {
        let error = #expect(throws: RPCError.self) {
            try TTRPCResponse(decoding: ByteBuffer(bytes: bytes))
        }
        #expect(error?.code == .internal, "\(what)")
    }
}
