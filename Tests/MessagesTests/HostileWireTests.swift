internal import CProtobufC
internal import CTestMessages
internal import Messages
internal import ProtobufRuntime
import Testing

/// Bytes from strangers: each is refused or decodes to a message that encodes; nothing crashes and
/// memory stays within the budget.
@Suite("Hostile bytes")
struct HostileWireTests {
    /// Decodes; what decodes must survive a round trip.
    private func survives<Message: ProtobufMessage>(_ type: Message.Type, _ bytes: [UInt8]) {
        guard let message = try? decoded(type, bytes) else { return }
        let again = encoded(message)
        // NaN is not equal to itself, so bytes are compared.
        #expect((try? decoded(type, again)).map { encoded($0) } == again)
        #expect(!message.protobufJSON.isEmpty)
    }

    private func survives<Message: ProtobufMessage>(like message: Message, _ bytes: [UInt8]) {
        survives(Message.self, bytes)
    }

    @Test("every sample cut at every length", arguments: Sample.all)
    func truncations(_ sample: Sample) {
        let whole = bytes(hexadecimal: sample.wire)
        for length in 0..<whole.count {
            survives(like: sample.message, Array(whole[..<length]))
        }
    }

    @Test("every sample with bytes changed at random", arguments: Sample.all)
    func mutations(_ sample: Sample) {
        let whole = bytes(hexadecimal: sample.wire)
        guard !whole.isEmpty else { return }
        var random = SplitMix(seed: 7)
        for _ in 0..<200 {
            var changed = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                changed[Int.random(in: 0..<whole.count, using: &random)] =
                    UInt8.random(in: 0...255, using: &random)
            }
            survives(like: sample.message, changed)
        }
    }

    @Test("random bytes", arguments: 0..<20)
    func randomBytes(_ seed: UInt64) {
        var random = SplitMix(seed: seed)
        for _ in 0..<300 {
            let bytes = (0..<Int.random(in: 0...100, using: &random)).map { _ in
                // Small tags and lengths get further than large ones.
                UInt8.random(in: 0...(Bool.random(using: &random) ? 40 : 255), using: &random)
            }
            survives(Execution.self, bytes)
            survives(EventBatch.self, bytes)
            survives(Repeated.self, bytes)
            survives(Maps.self, bytes)
            survives(Choice.self, bytes)
        }
    }

    @Test(
        "malformed tags, lengths and numbers are refused",
        arguments: [
            [0x00],  // field 0
            [0x07],  // field 0, wire type 7
            [0x0A],  // no length
            [0x0A, 0x05, 0x61],  // length beyond the end
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],  // 2^32 - 1
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],  // 2^63 - 1
            [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],  // -1
            [0x0A, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
            [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],  // a tag of seven bytes
            [0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],  // too long
            [0x0B, 0x0C],  // a group
            [0x08, 0x01],  // `id` as a number
            [0x12, 0x01, 0x61],  // `number` as text
        ] as [[UInt8]])
    func malformed(_ bytes: [UInt8]) {
        #expect(throws: ProtobufDecodingError.self) {
            _ = try decoded(Execution.self, bytes)
        }
    }

    @Test("a refusal names the message and the number of bytes")
    func refusalText() {
        do throws(ProtobufDecodingError) {
            _ = try decoded(Execution.self, [0x0A])
            Issue.record("decoded")
        } catch {
            #expect(error.description == "signalbox.v1.Execution: 1 bytes are not a valid message")
        }
    }

    @Test("2,000 bytes of empty repeated messages are refused before they cost 64 KiB")
    func bomb() {
        let bytes = Array(repeating: [0x0A, 0x00] as [UInt8], count: 1000).flatMap { $0 }
        #expect(
            throws: ProtobufDecodingError(
                messageName: "signalbox.v1.EventBatch",
                reason: "2000 bytes need more than the 65536 bytes of memory they may use")
        ) {
            _ = try decoded(EventBatch.self, bytes)
        }
    }

    @Test("bombs of every repeated field stay within the budget", arguments: 1...13)
    func bombs(_ field: UInt8) {
        for count in [100, 2000, 40_000] {
            let one: [UInt8] = [1, 2, 5].contains(field) ? [] : [field << 3 | 2, 0]
            let bytes = Array(repeating: one, count: count).flatMap { $0 }
            var arena = ProtobufArena(decoding: bytes.count)
            defer { arena.free() }
            unsafe bytes.withUnsafeBytes { bytes in
                _ = try? unsafe arena.unpack(
                    bytes, everything__repeated__descriptor_pointer(), "everything.Repeated")
            }
            let used = arena.used
            #expect(used <= ProtobufArena.budget(forDecoding: bytes.count) + 15)
        }
    }

    @Test("an honest message of many small parts passes")
    func honestManyParts() throws {
        let batch = EventBatch(
            events: (1...10_000).map {
                ExecutionEvent(
                    sequence: $0, time: Timestamp(seconds: 1_767_225_600),
                    kind: .nodeStarted(NodeStarted(nodePath: "a", nodeID: "a", kind: "noop")))
            })
        #expect(try decoded(EventBatch.self, encoded(batch)) == batch)
    }

    @Test("a text of 4 MiB passes")
    func longText() throws {
        let request = PutWorkflowRequest(definitionJSON: String(repeating: "x", count: 4 << 20))
        #expect(try decoded(PutWorkflowRequest.self, encoded(request)) == request)
    }

    @Test("bytes nested 20,000 deep are read as an unknown field or refused, without recursion")
    func deepNesting() throws {
        var nested: [UInt8] = []
        for _ in 0..<20_000 {
            var length: [UInt8] = []
            var rest = nested.count
            repeat {
                length.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
                rest >>= 7
            } while rest > 0
            // Built back to front: each level is the field number 1 around the level before.
            nested = [0x0A] + length + nested
            if nested.count > 74_000 { break }
        }
        #expect(throws: ProtobufDecodingError.self) {
            _ = try decoded(EventBatch.self, nested)
        }
        #expect(throws: ProtobufDecodingError.self) {
            _ = try decoded(Outer.self, Array(repeating: 0x0B, count: 20_000))
        }
    }

    @Test(
        "an arena that runs out at any point ends the decoding cleanly",
        arguments: Sample.everything)
    func everyBudget(_ sample: Sample) {
        let whole = bytes(hexadecimal: sample.wire)
        guard let descriptor = unsafe descriptor(of: type(of: sample.message).protobufName) else {
            return
        }
        unsafe whole.withUnsafeBytes { bytes in
            var budget = 0
            while true {
                var arena = ProtobufArena(budget: budget)
                defer { arena.free() }
                do {
                    _ = try unsafe arena.unpack(bytes, descriptor, "sample")
                    break
                } catch {
                    let isExhausted = arena.isExhausted
                    #expect(isExhausted)
                }
                budget += 8
            }
            #expect(budget > 0)
        }
    }

    private func descriptor(of name: String) -> UnsafePointer<ProtobufCMessageDescriptor>? {
        switch name {
        case "everything.Scalars": unsafe everything__scalars__descriptor_pointer()
        case "everything.Repeated": unsafe everything__repeated__descriptor_pointer()
        case "everything.Maps": unsafe everything__maps__descriptor_pointer()
        case "everything.Choice": unsafe everything__choice__descriptor_pointer()
        case "everything.Outer": unsafe everything__outer__descriptor_pointer()
        default: nil
        }
    }
}

/// SplitMix64: the same numbers on every run.
struct SplitMix: RandomNumberGenerator {
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
