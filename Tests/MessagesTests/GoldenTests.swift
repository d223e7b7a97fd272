internal import ProtobufRuntime
import Testing

/// Every message type, every field, every oneof member, against Google's own library.
@Suite("Every message agrees with Google's protobuf")
struct GoldenTests {
    @Test("on the wire, encoding", arguments: Sample.all)
    func encodes(_ sample: Sample) {
        #expect(hexadecimal(encoded(sample.message)) == sample.wire)
    }

    @Test("on the wire, decoding", arguments: Sample.all)
    func decodes(_ sample: Sample) throws {
        func check<Message: ProtobufMessage>(_ message: Message) throws {
            #expect(try decoded(Message.self, bytes(hexadecimal: sample.wire)) == message)
        }
        try check(sample.message)
    }

    @Test("in JSON, writing", arguments: Sample.all)
    func writes(_ sample: Sample) {
        guard let json = sample.json else { return }
        #expect(sample.message.protobufJSON == json)
    }

    @Test("in JSON, reading", arguments: Sample.all)
    func reads(_ sample: Sample) throws {
        func check<Message: ProtobufMessage>(_ message: Message) throws {
            #expect(try Message(protobufJSON: sample.json ?? message.protobufJSON) == message)
        }
        try check(sample.message)
    }

    @Test("about what an empty message is", arguments: Sample.all)
    func empties(_ sample: Sample) throws {
        func check<Message: ProtobufMessage>(_ message: Message) throws {
            #expect(encoded(Message()).isEmpty)
            #expect(try decoded(Message.self, []) == Message())
            #expect(try Message(protobufJSON: " { } ") == Message())
        }
        try check(sample.message)
    }

    @Test("on the name", arguments: Sample.all)
    func names(_ sample: Sample) {
        #expect(sample.name.hasPrefix(type(of: sample.message).protobufName + " "))
    }
}
