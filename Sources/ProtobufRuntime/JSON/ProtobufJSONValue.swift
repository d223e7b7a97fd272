/// A value that proto3 JSON knows: what generated code reads and writes fields through.
package protocol ProtobufJSONValue {
    /// Reads one value.
    init(json reader: inout ProtobufJSONReader) throws(ProtobufDecodingError)

    /// Writes one value.
    func write(json writer: inout ProtobufJSONWriter)

    /// Whether a field that holds it is left out.
    var isProtobufDefault: Bool { get }
}

/// A message's JSON form.
package protocol ProtobufJSONMessage: ProtobufMessage, ProtobufJSONValue {}

extension ProtobufJSONMessage {
    /// A message field is left out when absent, never for its content.
    package var isProtobufDefault: Bool { false }
}

/// A value that can be the key of a map; JSON writes all of them as text.
package protocol ProtobufJSONKey: Hashable, Comparable {
    /// The key with this text; nil if it is none.
    init?(protobufKey text: String)
    /// Its text.
    var protobufKey: String { get }
}

extension String: ProtobufJSONValue, ProtobufJSONKey {
    package init(json reader: inout ProtobufJSONReader) throws(ProtobufDecodingError) {
        self = try reader.string()
    }

    package func write(json writer: inout ProtobufJSONWriter) { writer.string(self) }
    package var isProtobufDefault: Bool { isEmpty }
    package init?(protobufKey text: String) { self = text }
    package var protobufKey: String { self }
}

extension Bool: ProtobufJSONValue {
    package init(json reader: inout ProtobufJSONReader) throws(ProtobufDecodingError) {
        self = try reader.boolean()
    }

    package func write(json writer: inout ProtobufJSONWriter) {
        writer.raw(self ? "true" : "false")
    }

    package var isProtobufDefault: Bool { !self }
}

/// Numbers of 32 bits are JSON numbers, those of 64 bits are strings; both are read from either.
extension ProtobufJSONValue where Self: FixedWidthInteger {
    package init(json reader: inout ProtobufJSONReader) throws(ProtobufDecodingError) {
        self = try reader.integer()
    }

    package func write(json writer: inout ProtobufJSONWriter) {
        writer.raw(Self.bitWidth > 32 ? "\"\(self)\"" : "\(self)")
    }

    package var isProtobufDefault: Bool { self == 0 }
}

extension ProtobufJSONKey where Self: FixedWidthInteger {
    package init?(protobufKey text: String) { self.init(text) }
    package var protobufKey: String { "\(self)" }
}

extension Int32: ProtobufJSONValue, ProtobufJSONKey {}
extension Int64: ProtobufJSONValue, ProtobufJSONKey {}
extension UInt32: ProtobufJSONValue, ProtobufJSONKey {}
extension UInt64: ProtobufJSONValue, ProtobufJSONKey {}

extension Double: ProtobufJSONValue {
    package init(json reader: inout ProtobufJSONReader) throws(ProtobufDecodingError) {
        self = try reader.double()
    }

    package func write(json writer: inout ProtobufJSONWriter) {
        writer.raw(Self.protobufText(self, isFinite: isFinite, "\(self)"))
    }

    /// Only +0 is a default: -0 has bits that protobuf keeps.
    package var isProtobufDefault: Bool { bitPattern == 0 }

    fileprivate static func protobufText(
        _ value: Double, isFinite: Bool, _ text: String
    ) -> String {
        if isFinite { return text.hasSuffix(".0") ? String(text.dropLast(2)) : text }
        return value.isNaN ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\""
    }
}

extension Float: ProtobufJSONValue {
    package init(json reader: inout ProtobufJSONReader) throws(ProtobufDecodingError) {
        let value = try reader.double()
        self = Float(value)
        if value.isFinite, !isFinite {
            throw reader.error("expected a number that a float can hold, found \(value)")
        }
    }

    package func write(json writer: inout ProtobufJSONWriter) {
        writer.raw(Double.protobufText(Double(self), isFinite: isFinite, "\(self)"))
    }

    /// Only +0 is a default.
    package var isProtobufDefault: Bool { bitPattern == 0 }
}

/// `bytes`, as base64.
extension Array: ProtobufJSONValue where Element == UInt8 {
    package init(json reader: inout ProtobufJSONReader) throws(ProtobufDecodingError) {
        let text = try reader.string()
        guard let bytes = Base64.decode(text) else {
            throw reader.error("expected base64, found \(text.count) other characters")
        }
        self = bytes
    }

    package func write(json writer: inout ProtobufJSONWriter) {
        writer.raw("\"\(Base64.encode(self))\"")
    }

    package var isProtobufDefault: Bool { isEmpty }
}

/// Enums, by name or number; what is written is the name, or the number where it is not known.
extension ProtobufJSONReader {
    /// Reads an enum's value.
    package mutating func enumeration<Value: ProtobufEnum>() throws(ProtobufDecodingError) -> Value
    {
        guard isAtString else { return Value(rawValue: try integer()) }
        let name = try string()
        guard let value = Value(protobufName: name) else {
            throw error("expected a name of \(Value.self), found \(quoted(name))")
        }
        return value
    }
}
