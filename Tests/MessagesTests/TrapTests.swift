internal import CTestMessages
internal import Messages
internal import ProtobufRuntime
import Testing

/// What protobuf-c leaves to us, each seen on 1.4.1.
@Suite("The traps of protobuf-c")
struct TrapTests {
    @Test("a string with NUL is refused, naming the field")
    func refusesNUL() {
        #expect(
            throws: ProtobufDecodingError(
                messageName: "signalbox.v1.AuthenticateRequest", reason: "token must not hold NUL")
        ) {
            _ = try decoded(AuthenticateRequest.self, [0x0A, 3, 0x61, 0, 0x62])
        }
    }

    @Test(
        "a string that is not UTF-8 is refused, naming the field",
        arguments: [
            [0xFF], [0x61, 0x80], [0xC0, 0xAF], [0xC3], [0xED, 0xA0, 0x80], [0xF0, 0x90, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func refusesBadUTF8(_ text: [UInt8]) {
        #expect(
            throws: ProtobufDecodingError(
                messageName: "signalbox.v1.AuthenticateRequest", reason: "token must be UTF-8")
        ) {
            _ = try decoded(AuthenticateRequest.self, [0x0A, UInt8(text.count)] + text)
        }
    }

    @Test("U+FFFD itself is text")
    func acceptsReplacementCharacter() throws {
        let request = try decoded(AuthenticateRequest.self, [0x0A, 3, 0xEF, 0xBF, 0xBD])
        #expect(request.token == "\u{FFFD}")
    }

    @Test("a nested message's bad string is refused too, with the nested message's name")
    func refusesNestedBadText() {
        #expect(
            throws: ProtobufDecodingError(
                messageName: "signalbox.v1.ExecutionError", reason: "code must be UTF-8")
        ) {
            _ = try decoded(Execution.self, [0x92, 0x01, 3, 0x0A, 1, 0xFF])
        }
    }

    @Test("a repeated string, a map's key and a oneof's member are checked too")
    func refusesBadTextEverywhere() {
        #expect(throws: ProtobufDecodingError.self) {
            _ = try decoded(Repeated.self, [0x3A, 1, 0xFF])
        }
        #expect(throws: ProtobufDecodingError.self) {
            _ = try decoded(Maps.self, [0x0A, 3, 0x0A, 1, 0xFF])
        }
        #expect(throws: ProtobufDecodingError.self) {
            _ = try decoded(Choice.self, [0x12, 1, 0])
        }
    }

    @Test("bytes may hold anything")
    func keepsBytes() throws {
        #expect(try decoded(Choice.self, [0x1A, 2, 0, 0xFF]).choice == .blob([0, 0xFF]))
    }

    @Test("the member of a oneof that came last is the one that counts")
    func lastOneofMemberWins() throws {
        let bytes = encoded(Choice(choice: .text("a"))) + encoded(Choice(choice: .number(7)))
        #expect(try decoded(Choice.self, bytes).choice == .number(7))
        let back = encoded(Choice(choice: .message(Scalars(anInt32: 1)))) + [0x12, 1, 0x62]
        #expect(try decoded(Choice.self, back).choice == .text("b"))
    }

    @Test("a oneof's member is there even at its default")
    func keepsOneofDefaults() throws {
        for choice: Choice.Choice in [
            .text(""), .blob([]), .flag(false), .number(0), .fraction(0), .colour(.unspecified),
            .message(Scalars()), .time(Timestamp()),
        ] {
            let message = Choice(choice: choice, otherChoice: .two(0))
            #expect(!encoded(message).isEmpty)
            #expect(try decoded(Choice.self, encoded(message)) == message)
            #expect(try Choice(protobufJSON: message.protobufJSON) == message)
        }
    }

    @Test("of a map's entries with one key the last counts, and missing parts are defaults")
    func foldsMapEntries() throws {
        // texts: {"a": "b"}, {"a": "c"}; then an entry without value, without key, without both.
        let bytes: [UInt8] = [
            0x0A, 6, 0x0A, 1, 0x61, 0x12, 1, 0x62,
            0x0A, 6, 0x0A, 1, 0x61, 0x12, 1, 0x63,
            0x0A, 3, 0x0A, 1, 0x64,
            0x0A, 3, 0x12, 1, 0x65,
            0x12, 0,
        ]
        let maps = try decoded(Maps.self, bytes)
        #expect(maps.texts == ["a": "c", "d": "", "": "e"])
        #expect(maps.messages == [0: Scalars()])
    }

    @Test("of a message given twice, messages in it are merged and scalars are the second's")
    func merges() throws {
        let first = Outer(inner: Outer.Inner(kind: .known))
        let second = Outer(inner: Outer.Inner(innermost: Outer.Inner.Innermost(name: "x")))
        let merged = try decoded(Outer.self, encoded(first) + encoded(second))
        // Google's library would keep `.known`: protobuf-c 1.4.1 takes a proto3 scalar at its default
        // for a value that was given. No encoder splits a message.
        #expect(merged.inner?.kind == .unknown)
        #expect(merged.inner?.innermost?.name == "x")
        #expect(try decoded(Scalars.self, [0x18, 1, 0x18, 2]).anInt32 == 2)
    }

    @Test("an enum's number that is not known is kept")
    func keepsUnknownNumbers() throws {
        for number: Int32 in [99, -1, .max, .min] {
            let request = GetExecutionRequest(view: ExecutionView(rawValue: number))
            #expect(request.view == .unrecognized(number))
            #expect(try decoded(GetExecutionRequest.self, encoded(request)) == request)
            #expect(try GetExecutionRequest(protobufJSON: request.protobufJSON) == request)
            #expect(request.protobufJSON == #"{"view":\#(number)}"#)
        }
    }

    @Test("repeated numbers are read packed, unpacked and mixed")
    func readsPackedAndUnpacked() throws {
        // Field 3, packed [1, 2], then one by one 3, 4; field 11 is declared unpacked.
        let mixed = try decoded(Repeated.self, [0x1A, 2, 1, 2, 0x18, 3, 0x18, 4, 0x5A, 2, 5, 6])
        #expect(mixed.int32s == [1, 2, 3, 4])
        #expect(mixed.unpacked == [5, 6])
        #expect(encoded(Repeated(int32s: [1, 2])) == [0x1A, 2, 1, 2])
        #expect(encoded(Repeated(unpacked: [5, 6])) == [0x58, 5, 0x58, 6])
    }

    @Test("unknown fields of every wire type are read over")
    func readsOverUnknownFields() throws {
        let unknown: [UInt8] = [
            0xA0, 0x06, 0x96, 0x01,  // 100: varint
            0xA1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8,  // 100: 64 bits
            0xA2, 0x06, 3, 0x61, 0, 0xFF,  // 100: bytes
            0xA5, 0x06, 1, 2, 3, 4,  // 100: 32 bits
        ]
        let bytes = unknown + [0x0A, 1, 0x61] + unknown
        #expect(try decoded(AuthenticateRequest.self, bytes) == AuthenticateRequest(token: "a"))
    }

    @Test("descriptors are handed out by address, not by copy")
    func descriptorsKeepTheirAddress() {
        let first = unsafe everything__scalars__descriptor_pointer()
        let second = unsafe everything__scalars__descriptor_pointer()
        let isSame = unsafe first == second
        #expect(isSame)
        let isThere = unsafe first != nil
        #expect(isThere)
    }

    @Test("equal messages have equal bytes, whatever order a map was filled in")
    func encodesDeterministically() {
        let keys = (0..<100).map { "key \($0)" }
        let forward = Maps(texts: Dictionary(uniqueKeysWithValues: keys.map { ($0, $0) }))
        var backward = Maps()
        for key in keys.reversed() { backward.texts[key] = key }
        #expect(encoded(forward) == encoded(backward))
        #expect(forward.protobufJSON == backward.protobufJSON)
    }
}
