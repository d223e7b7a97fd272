internal import Crypto
internal import ProtobufRuntime

/// What a request asked for, in 32 bytes: tells a repeat from another request under the same id.
enum RequestHash {
    /// SHA-256 of the encoded request, which must have its `request_id` cleared.
    static func of(_ request: some ProtobufMessage) -> [UInt8] {
        unsafe request.withProtobufBytes { bytes in
            var hash = SHA256()
            unsafe hash.update(bufferPointer: bytes)
            return Array(hash.finalize())
        }
    }
}
