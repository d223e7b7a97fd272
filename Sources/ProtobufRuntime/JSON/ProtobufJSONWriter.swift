/// Writes proto3 JSON for generated code, without white space.
package struct ProtobufJSONWriter {
    private var output: [UInt8] = []
    private var needsComma = false

    /// The JSON form of `message`.
    package static func write(_ message: some ProtobufJSONMessage) -> String {
        var writer = ProtobufJSONWriter()
        message.write(json: &writer)
        return String(decoding: writer.output, as: UTF8.self)
    }

    package mutating func beginObject() {
        output.append(UInt8(ascii: "{"))
        needsComma = false
    }

    package mutating func endObject() {
        output.append(UInt8(ascii: "}"))
        needsComma = true
    }

    /// A field, left out at its default.
    package mutating func field(_ name: String, _ value: some ProtobufJSONValue) {
        if !value.isProtobufDefault { always(name, value) }
    }

    /// An enum field, left out at its default.
    package mutating func field(_ name: String, _ value: some ProtobufEnum) {
        if value.rawValue != 0 { always(name, value) }
    }

    /// A message field, left out when absent.
    package mutating func present(_ name: String, _ value: (some ProtobufJSONMessage)?) {
        if let value { always(name, value) }
    }

    /// A oneof's member, which is written at its default too.
    package mutating func always(_ name: String, _ value: some ProtobufJSONValue) {
        key(name)
        value.write(json: &self)
        needsComma = true
    }

    /// A oneof's enum member.
    package mutating func always(_ name: String, _ value: some ProtobufEnum) {
        key(name)
        enumeration(value)
    }

    /// A repeated field, left out when empty.
    package mutating func array(_ name: String, _ values: [some ProtobufJSONValue]) {
        elements(name, values) { value, writer in value.write(json: &writer) }
    }

    /// A repeated enum, left out when empty.
    package mutating func array(_ name: String, _ values: [some ProtobufEnum]) {
        elements(name, values) { value, writer in writer.enumeration(value) }
    }

    /// A map, left out when empty; keys in order.
    package mutating func map<Key: ProtobufJSONKey>(
        _ name: String, _ values: [Key: some ProtobufJSONValue]
    ) {
        guard !values.isEmpty else { return }
        key(name)
        beginObject()
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            always(key.protobufKey, value)
        }
        endObject()
    }

    /// A map to enums, left out when empty; keys in order.
    package mutating func map<Key: ProtobufJSONKey>(
        _ name: String, _ values: [Key: some ProtobufEnum]
    ) {
        guard !values.isEmpty else { return }
        key(name)
        beginObject()
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            always(key.protobufKey, value)
        }
        endObject()
    }

    /// Text that is JSON already.
    package mutating func raw(_ text: String) {
        output.append(contentsOf: text.utf8)
        needsComma = true
    }

    /// A string with its quotes; what JSON demands to be escaped is.
    package mutating func string(_ text: String) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
            case 0x0A: output.append(contentsOf: "\\n".utf8)
            case 0x0D: output.append(contentsOf: "\\r".utf8)
            case 0x09: output.append(contentsOf: "\\t".utf8)
            case 0..<0x20:
                output.append(contentsOf: "\\u00".utf8)
                output.append(Self.digit(byte >> 4))
                output.append(Self.digit(byte & 15))
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private mutating func key(_ name: String) {
        if needsComma { output.append(UInt8(ascii: ",")) }
        string(name)
        output.append(UInt8(ascii: ":"))
        needsComma = false
    }

    private mutating func enumeration(_ value: some ProtobufEnum) {
        if Int32(value.protobufName) != nil {
            raw(value.protobufName)
        } else {
            string(value.protobufName)
        }
    }

    private mutating func elements<Value>(
        _ name: String, _ values: [Value], _ write: (Value, inout ProtobufJSONWriter) -> Void
    ) {
        guard !values.isEmpty else { return }
        key(name)
        output.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            needsComma = false
            write(value, &self)
        }
        output.append(UInt8(ascii: "]"))
        needsComma = true
    }
}
