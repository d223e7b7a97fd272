internal import Cryptography
internal import ProtobufRuntime

/// Where a list continues: opaque to callers, bound to the list it came from.
///
/// ```
/// base64url( version │ binding (8 bytes) │ position )
/// ```
/// The binding is a hash of everything that selects the list, so that a token of another filter is
/// refused instead of giving a page that fits neither. It is no secret and no proof: a forged
/// position shows nothing that the same call without a token would not.
struct PageToken: Sendable, Equatable {
    private static let version: UInt8 = 1
    private static let bindingBytes = 8
    /// Longer tokens are none of ours.
    static let textBytesMax = 512

    private let binding: [UInt8]

    /// The binding of one list: the operation's name and the parts that select.
    init(_ operation: String, _ parts: [String] = [], message: (any ProtobufMessage)? = nil) {
        var bytes: [UInt8] = []
        for part in [operation] + parts {
            bytes += Array("\(part.utf8.count):".utf8) + Array(part.utf8)
        }
        if let message {
            unsafe message.withProtobufBytes { unsafe bytes.append(contentsOf: $0) }
        }
        binding = Array(Digest.sha256.hash(bytes).prefix(Self.bindingBytes))
    }

    /// The token of a page that begins after these numbers.
    func token(_ numbers: Int64...) -> String {
        token(position: numbers.flatMap(Self.bytes))
    }

    /// The token of a page that begins after this name.
    func token(name: String) -> String {
        token(position: Array(name.utf8))
    }

    /// The numbers of a token; nil for no token.
    /// - Throws: `.invalidArgument` for a token that is not one of this list's.
    func numbers(_ text: String, count: Int) throws(OperationError) -> [Int64]? {
        guard let position = try position(text) else { return nil }
        guard position.count == count * 8 else { throw Self.unknown }
        return (0..<count).map { index in
            position[(index * 8)..<(index * 8 + 8)].reduce(0) { $0 << 8 | Int64($1) }
        }
    }

    /// The name of a token; nil for no token.
    /// - Throws: `.invalidArgument` for a token that is not one of this list's.
    func name(_ text: String) throws(OperationError) -> String? {
        guard let position = try position(text) else { return nil }
        guard !position.isEmpty, let name = String(validating: position, as: UTF8.self) else {
            throw Self.unknown
        }
        return name
    }

    private func token(position: [UInt8]) -> String {
        Base64URL.encode([Self.version] + binding + position)
    }

    private func position(_ text: String) throws(OperationError) -> [UInt8]? {
        guard !text.isEmpty else { return nil }
        guard text.utf8.count <= Self.textBytesMax, let bytes = Base64URL.decode(text),
            bytes.count > Self.bindingBytes, bytes.first == Self.version
        else { throw Self.unknown }
        guard Array(bytes[1...Self.bindingBytes]) == binding else {
            throw .invalid(
                "page_token",
                "it belongs to a list with another filter; begin that list without a token")
        }
        return Array(bytes[(1 + Self.bindingBytes)...])
    }

    /// What is said to a text that is no token of ours.
    static var unknown: OperationError {
        .invalid(
            "page_token", "expected the next_page_token of an earlier page, got something else")
    }

    private static func bytes(_ number: Int64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
}
