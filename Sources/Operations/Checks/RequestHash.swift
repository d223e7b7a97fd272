internal import Cryptography
internal import ProtobufRuntime

/// What a request asked for, in 32 bytes: tells a repeat from another request under the same id.
enum RequestHash {
    /// SHA-256 of the encoded request, which must have its `request_id` cleared.
    static func of(_ request: some ProtobufMessage) -> [UInt8] {
        unsafe request.withProtobufBytes { bytes in unsafe Digest.sha256.hash(bytes) }
    }
}
