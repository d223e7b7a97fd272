/// A message of the wire contract: a Swift value that is decoded and encoded through protobuf-c.
///
/// Conformances are generated (`codegen/`). Values are plain data: `Sendable`, compared by field.
public protocol ProtobufMessage: Sendable, Equatable {
    /// Its full protobuf name, for example `signalbox.v1.Execution`.
    static var protobufName: String { get }

    /// A message with every field at its default.
    init()

    /// Decodes the protobuf wire form.
    ///
    /// The C tree lives in an arena of bounded size for the duration of the call only.
    /// - Throws: `ProtobufDecodingError` for malformed bytes, a string that is not UTF-8 or holds
    ///   NUL, or a message whose tree exceeds the arena's budget.
    init(protobufBytes bytes: UnsafeRawBufferPointer) throws(ProtobufDecodingError)

    /// Hands `body` the protobuf wire form; the buffer is valid only inside.
    func withProtobufBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
        -> Result

    /// Decodes proto3 JSON (https://protobuf.dev/programming-guides/json): lowerCamelCase and
    /// original field names are accepted; an unknown field is an error.
    init(protobufJSON text: String) throws(ProtobufDecodingError)

    /// The proto3 JSON form, fields at their default left out.
    var protobufJSON: String { get }
}

extension ProtobufMessage {
    /// What it has in a message, in bytes; encodes it.
    package var messageBytes: Int { unsafe withProtobufBytes { bytes in bytes.count } }
}

/// Why bytes or JSON are no valid message.
public struct ProtobufDecodingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The message type that was expected.
    public let messageName: String
    /// What was expected and what came, lower case.
    public let reason: String

    /// An error about `messageName`.
    public init(messageName: String, reason: String) {
        self.messageName = messageName
        self.reason = reason
    }

    /// Both in one line.
    public var description: String { "\(messageName): \(reason)" }
}
