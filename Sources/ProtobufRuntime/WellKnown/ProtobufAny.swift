/// `google.protobuf.Any`: a serialized message and its type.
public struct ProtobufAny: ProtobufMessage, Hashable {
    /// The full protobuf name.
    public static let protobufName = "google.protobuf.Any"

    /// For example `type.googleapis.com/google.rpc.ErrorInfo`.
    public var typeURL: String = ""
    /// The serialized message.
    public var value: [UInt8] = []

    /// Of no type.
    public init() {}

    /// A message that is serialized already.
    public init(typeURL: String = "", value: [UInt8] = []) {
        self.typeURL = typeURL
        self.value = value
    }

    /// Packs a message.
    public init(packing message: some ProtobufMessage) {
        self.init(
            typeURL: "type.googleapis.com/\(type(of: message).protobufName)",
            value: unsafe message.withProtobufBytes { bytes in unsafe Array(bytes) })
    }

    /// The packed message, or nil if it is of another type (the text after the last slash decides).
    /// - Throws: `ProtobufDecodingError` for a value that does not decode.
    public func unpacked<Message: ProtobufMessage>(
        as type: Message.Type
    ) throws(ProtobufDecodingError) -> Message? {
        guard typeURL.split(separator: "/").last.map(String.init) == type.protobufName else {
            return nil
        }
        var result = Swift.Result<Message, ProtobufDecodingError>.success(Message())
        unsafe value.withUnsafeBytes { bytes in
            do throws(ProtobufDecodingError) {
                result = .success(try unsafe Message(protobufBytes: bytes))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }
}
