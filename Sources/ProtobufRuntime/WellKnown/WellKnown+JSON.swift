extension ProtobufAny: ProtobufJSONMessage {
    /// Decodes the form that `protobufJSON` has.
    public init(protobufJSON text: String) throws(ProtobufDecodingError) {
        self = try ProtobufJSONReader.read(text)
    }

    /// `{"@type": …, "value": base64}`. Not proto3's own form, which spells out the packed message
    /// and so needs every type that may be packed.
    public var protobufJSON: String { ProtobufJSONWriter.write(self) }

    package init(json reader: inout ProtobufJSONReader) throws(ProtobufDecodingError) {
        self.init()
        var object = try reader.beginObject(Self.protobufName)
        while let name = try reader.nextName(in: &object) {
            switch name {
            case "@type":
                if try reader.hasValue(0, in: &object) { typeURL = try reader.value() }
            case "value":
                if try reader.hasValue(1, in: &object) { value = try reader.value() }
            default: throw reader.unknownField(name, in: object)
            }
        }
    }

    package func write(json writer: inout ProtobufJSONWriter) {
        writer.beginObject()
        writer.field("@type", typeURL)
        writer.field("value", value)
        writer.endObject()
    }
}

extension Timestamp: ProtobufJSONMessage {
    /// Decodes a JSON string in RFC 3339.
    public init(protobufJSON text: String) throws(ProtobufDecodingError) {
        self = try ProtobufJSONReader.read(text)
    }

    /// A JSON string in RFC 3339.
    public var protobufJSON: String { "\"\(rfc3339)\"" }

    package init(json reader: inout ProtobufJSONReader) throws(ProtobufDecodingError) {
        let text = try reader.string()
        guard let timestamp = Timestamp(rfc3339: text) else {
            throw reader.error(
                "expected an RFC 3339 instant of years 1 to 9999, found \(reader.quoted(text))")
        }
        self = timestamp
    }

    package func write(json writer: inout ProtobufJSONWriter) { writer.string(rfc3339) }
}

extension ProtobufDuration: ProtobufJSONMessage {
    /// Decodes a JSON string such as `"1.5s"`.
    public init(protobufJSON text: String) throws(ProtobufDecodingError) {
        self = try ProtobufJSONReader.read(text)
    }

    /// A JSON string such as `"1.5s"`.
    public var protobufJSON: String { "\"\(text)\"" }

    package init(json reader: inout ProtobufJSONReader) throws(ProtobufDecodingError) {
        let text = try reader.string()
        guard let duration = ProtobufDuration(text: text) else {
            throw reader.error(
                "expected seconds such as \"1.5s\", at most 315576000000, found \(reader.quoted(text))"
            )
        }
        self = duration
    }

    package func write(json writer: inout ProtobufJSONWriter) { writer.string(text) }
}
