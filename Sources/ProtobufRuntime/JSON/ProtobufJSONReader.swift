/// Reads proto3 JSON for generated code: strict RFC 8259 over UTF-8.
///
/// Nothing is skipped: an unknown field is an error as soon as its name is read, so the depth of what
/// is read is that of the message type, which is bounded since recursive types are refused.
package struct ProtobufJSONReader {
    var bytes: [UInt8]
    var position = 0
    /// The type of the message being read, for errors.
    var messageName: String

    /// One JSON object while it is read.
    package struct Object {
        let messageName: String
        var isFirst = true
        /// One bit per field that was given.
        var given: UInt64 = 0
        var name = ""
    }

    /// Reads a whole text as one message.
    package static func read<Message: ProtobufJSONMessage>(
        _ text: String
    ) throws(ProtobufDecodingError) -> Message {
        var reader = ProtobufJSONReader(
            bytes: Array(text.utf8), messageName: Message.protobufName)
        let message = try Message(json: &reader)
        reader.skipSpace()
        guard reader.position == reader.bytes.count else {
            throw reader.error("expected the end, found \(reader.found)")
        }
        return message
    }

    /// An error at the current position.
    package func error(_ reason: String) -> ProtobufDecodingError {
        ProtobufDecodingError(messageName: messageName, reason: "\(reason) at byte \(position)")
    }

    // MARK: Objects

    package mutating func beginObject(
        _ messageName: String
    ) throws(ProtobufDecodingError) -> Object {
        self.messageName = messageName
        try expect(UInt8(ascii: "{"), "a JSON object")
        return Object(messageName: messageName)
    }

    /// The next field's name, or nil at the object's end.
    package mutating func nextName(
        in object: inout Object
    ) throws(ProtobufDecodingError) -> String? {
        messageName = object.messageName
        skipSpace()
        if take(UInt8(ascii: "}")) { return nil }
        if !object.isFirst { try expect(UInt8(ascii: ","), "\",\" or \"}\"") }
        object.isFirst = false
        object.name = try string()
        try expect(UInt8(ascii: ":"), "\":\"")
        return object.name
    }

    /// Marks field number `index` (its place in the message) as given. Null stands for the default.
    /// - Throws: `ProtobufDecodingError` if it was given before.
    package mutating func hasValue(
        _ index: Int, in object: inout Object
    ) throws(ProtobufDecodingError) -> Bool {
        let bit = UInt64(1) << UInt64(index)
        guard object.given & bit == 0 else {
            throw error("field \(quoted(object.name)) is given twice")
        }
        object.given |= bit
        return try !null()
    }

    /// Refuses the second member of a oneof.
    package func refuse(
        _ isSecond: Bool, second oneof: String, in object: Object
    ) throws(ProtobufDecodingError) {
        if isSecond {
            throw error("field \(quoted(object.name)) is a second member of \(oneof)")
        }
    }

    /// The error about a field that the message does not have.
    package func unknownField(_ name: String, in object: Object) -> ProtobufDecodingError {
        ProtobufDecodingError(
            messageName: object.messageName, reason: "unknown field \(quoted(name))")
    }

    // MARK: Values

    package mutating func value<Value: ProtobufJSONValue>() throws(ProtobufDecodingError) -> Value {
        try Value(json: &self)
    }

    package mutating func value<Value: ProtobufEnum>() throws(ProtobufDecodingError) -> Value {
        try enumeration()
    }

    package mutating func array<Value: ProtobufJSONValue>() throws(ProtobufDecodingError) -> [Value]
    {
        try elements { (reader) throws(ProtobufDecodingError) in try reader.value() }
    }

    package mutating func array<Value: ProtobufEnum>() throws(ProtobufDecodingError) -> [Value] {
        try elements { (reader) throws(ProtobufDecodingError) in try reader.enumeration() }
    }

    package mutating func map<Key: ProtobufJSONKey, Value: ProtobufJSONValue>()
        throws(ProtobufDecodingError) -> [Key: Value]
    {
        try entries { (reader) throws(ProtobufDecodingError) in try reader.value() }
    }

    package mutating func map<Key: ProtobufJSONKey, Value: ProtobufEnum>()
        throws(ProtobufDecodingError) -> [Key: Value]
    {
        try entries { (reader) throws(ProtobufDecodingError) in try reader.enumeration() }
    }

    private mutating func elements<Value>(
        _ read: (inout ProtobufJSONReader) throws(ProtobufDecodingError) -> Value
    ) throws(ProtobufDecodingError) -> [Value] {
        try expect(UInt8(ascii: "["), "a JSON array")
        var result: [Value] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return result }
        while true {
            result.append(try read(&self))
            skipSpace()
            if take(UInt8(ascii: "]")) { return result }
            try expect(UInt8(ascii: ","), "\",\" or \"]\"")
        }
    }

    private mutating func entries<Key: ProtobufJSONKey, Value>(
        _ read: (inout ProtobufJSONReader) throws(ProtobufDecodingError) -> Value
    ) throws(ProtobufDecodingError) -> [Key: Value] {
        var result: [Key: Value] = [:]
        var object = try beginObject(messageName)
        while let name = try nextName(in: &object) {
            guard let key = Key(protobufKey: name) else {
                throw error("expected a key of type \(Key.self), found \(quoted(name))")
            }
            guard result.updateValue(try read(&self), forKey: key) == nil else {
                throw error("key \(quoted(name)) is given twice")
            }
        }
        return result
    }
}
