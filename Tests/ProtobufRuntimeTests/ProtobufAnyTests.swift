internal import Messages
internal import ProtobufRuntime
import Testing

@Suite("A packed message")
struct ProtobufAnyTests {
    private let error = ExecutionError(code: "HTTP_STATUS", message: "expected 2xx, found 500")

    @Test("has its type's URL and unpacks as that type only")
    func unpacks() throws {
        let any = ProtobufAny(packing: error)
        #expect(any.typeURL == "type.googleapis.com/signalbox.v1.ExecutionError")
        #expect(try any.unpacked(as: ExecutionError.self) == error)
        #expect(try any.unpacked(as: Execution.self) == nil)
    }

    @Test("may come with another host before the slash")
    func otherHost() throws {
        var any = ProtobufAny(packing: error)
        any.typeURL = "example.com/a/signalbox.v1.ExecutionError"
        #expect(try any.unpacked(as: ExecutionError.self) == error)
    }

    @Test("is refused when its bytes are no such message")
    func badBytes() {
        let any = ProtobufAny(typeURL: "x/signalbox.v1.ExecutionError", value: [0x0A])
        #expect(throws: ProtobufDecodingError.self) { try any.unpacked(as: ExecutionError.self) }
    }

    @Test("survives JSON")
    func json() throws {
        let any = ProtobufAny(typeURL: "x/y", value: [0, 255])
        #expect(any.protobufJSON == #"{"@type":"x/y","value":"AP8="}"#)
        #expect(try ProtobufAny(protobufJSON: any.protobufJSON) == any)
    }
}
