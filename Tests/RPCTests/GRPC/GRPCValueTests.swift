import NIOCore
import RPC
import Testing

@Suite struct GRPCPercentEncodingTests {
    @Test(arguments: [
        ("plain text, nothing else", "plain text, nothing else"), ("", ""), ("100%", "100%25"),
        ("\t\n", "%09%0A"), ("☺", "%E2%98%BA"), ("😈", "%F0%9F%98%88"), ("~\u{7F}", "~%7F"),
    ])
    func `a message is encoded and decoded byte for byte`(message: String, value: String) {
        #expect(String(decoding: GRPCPercentEncoding.encode(message), as: UTF8.self) == value)
        #expect(GRPCPercentEncoding.decode(value.utf8) == message)
    }

    @Test(arguments: [
        ("50%", "50%"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%e2%98%ba", "☺"),
        ("%FF", "\u{FFFD}"),
    ])
    func `a bad encoding is kept, and bad text repaired`(value: String, message: String) {
        #expect(GRPCPercentEncoding.decode(value.utf8) == message)
    }
}

@Suite struct GRPCBinaryValueTests {
    @Test(
        arguments: [
            ([], ""), ([0xAB], "qw"), ([0xAB, 0xAB], "q6s"), ([0xAB, 0xAB, 0xAB], "q6ur"),
            ([0, 1, 2, 255], "AAEC/w"),
        ] as [([UInt8], String)])
    func `bytes go out unpadded and come back`(bytes: [UInt8], text: String) {
        #expect(String(decoding: GRPCBinaryValue.encode(bytes), as: UTF8.self) == text)
        #expect(GRPCBinaryValue.decode(text.utf8) == bytes)
    }

    @Test(
        arguments: [("qw==", [0xAB]), ("q6s=", [0xAB, 0xAB]), (" qw ", [0xAB])]
            as [(String, [UInt8])])
    func `padding and blanks are accepted`(text: String, bytes: [UInt8]) {
        #expect(GRPCBinaryValue.decode(text.utf8) == bytes)
    }

    @Test(arguments: ["q", "q=w", "qw=", "qw===", "q6u r", "q_-r", "qw==qw", "===="])
    func `what is no base64 is refused`(text: String) {
        #expect(GRPCBinaryValue.decode(text.utf8) == nil)
    }

    @Test func `several values are joined by commas`() {
        #expect(GRPCBinaryValue.decodeAll("qw,q6s=,!".utf8) == [[0xAB], [0xAB, 0xAB], nil])
    }
}

@Suite struct GRPCTrailersTests {
    private func text(_ fields: [GRPCField]) -> [String] {
        fields.map { "\($0.name): \(String(decoding: $0.value, as: UTF8.self))" }
    }

    /// What the details field, the last one, holds.
    private static func status(in fields: [GRPCField]) throws -> RPCError? {
        let field = try #require(fields.last)
        #expect(field.name == "grpc-status-details-bin")
        let bytes = try #require(GRPCBinaryValue.decode(field.value))
        return try RPCError(googleStatus: ByteBuffer(bytes: bytes))
    }

    @Test func `a call that ended well has its status and metadata`() {
        var metadata = Metadata()
        metadata.add("more", "yes")
        metadata.add("raw-bin", bytes: [0xAB])
        #expect(
            text(GRPCTrailers.fields(for: nil, metadata: metadata)) == [
                "grpc-status: 0", "more: yes", "raw-bin: qw",
            ])
    }

    @Test func `an error has its message, encoded, and its details`() throws {
        let detail = RPCError.Detail(typeURL: "t", value: [1, 2])
        let error = RPCError(.notFound, "no ☺", details: [detail])
        let fields = GRPCTrailers.fields(for: error, metadata: [:])
        #expect(text(Array(fields.prefix(2))) == ["grpc-status: 5", "grpc-message: no %E2%98%BA"])
        let details = try #require(fields.last)
        #expect(details.name == "grpc-status-details-bin")
        // google.rpc.Status {code 5, message "no ☺", details [Any {type_url "t", value 1 2}]}
        #expect(
            GRPCBinaryValue.decode(details.value)
                == [0x08, 5, 0x12, 6] + Array("no ☺".utf8) + [
                    0x1A, 7, 0x0A, 1, 0x74, 0x12, 2, 1, 2,
                ]
        )
    }

    @Test(arguments: ["☺", "x", "%", "\u{0}"])
    func `a message that no client would take whole is cut, alike in both places`(
        character: String
    ) throws {
        let detail = RPCError.Detail(typeURL: "t", value: [1])
        let message = String(repeating: character, count: 10_000)
        let error = RPCError(.internal, message, details: [detail])
        let fields = GRPCTrailers.fields(for: error, metadata: [:])
        let value = try #require(fields.first { $0.name == "grpc-message" }).value
        let shown = GRPCPercentEncoding.decode(value)
        #expect(shown.hasSuffix("\(character)…"))
        #expect((1_000...1_024).contains(value.count))
        // Clients discard details whose message is another.
        let status = try Self.status(in: fields)
        #expect(status == RPCError(.internal, shown, details: [detail]))
    }

    @Test func `details that do not fit are left out, and the others stay`() throws {
        let small = RPCError.Detail(typeURL: "small", value: [1])
        let large = RPCError.Detail(typeURL: "large", value: Array(repeating: 2, count: 3_840))
        let error = RPCError(.internal, "no", details: [small, large, small])
        let fields = GRPCTrailers.fields(for: error, metadata: [:])
        #expect(try Self.status(in: fields)?.details == [small, small])
    }

    @Test func `metadata that would break the protocol is left out`() {
        let metadata: Metadata = [
            "grpc-status": "0", "connection": "close", ":path": "/", "has space": "x", "": "x",
            "line": "a\r\nb", "good": "x",
        ]
        #expect(text(metadata.grpcFields) == ["good: x"])
    }
}
