internal import ProtobufRuntime
import Testing

/// One message beside the bytes and the JSON that Google's own library makes of it. The samples are
/// generated.
struct Sample: Sendable, CustomTestStringConvertible {
    let name: String
    let message: any ProtobufMessage
    /// In hexadecimal.
    let wire: String
    /// nil where the message holds an `Any`, whose JSON form is our own.
    let json: String?

    var testDescription: String { name }

    static let all: [Sample] = signalbox + wire + foundation + everything
}

/// The message's wire form.
func encoded(_ message: some ProtobufMessage) -> [UInt8] {
    unsafe message.withProtobufBytes { bytes in unsafe Array(bytes) }
}

/// The message with this wire form.
func decoded<Message: ProtobufMessage>(
    _ type: Message.Type = Message.self, _ bytes: [UInt8]
) throws(ProtobufDecodingError) -> Message {
    var result = Result<Message, ProtobufDecodingError>.success(Message())
    unsafe bytes.withUnsafeBytes { bytes in
        do throws(ProtobufDecodingError) {
            result = .success(try unsafe Message(protobufBytes: bytes))
        } catch {
            result = .failure(error)
        }
    }
    return try result.get()
}

/// Bytes as two hexadecimal digits each.
func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// The inverse of `hexadecimal`.
func bytes(hexadecimal text: String) -> [UInt8] {
    var digits = text.compactMap(\.hexDigitValue)[...]
    var bytes: [UInt8] = []
    while let high = digits.popFirst(), let low = digits.popFirst() {
        bytes.append(UInt8(high * 16 + low))
    }
    return bytes
}
