package import CProtobufC

#if canImport(Glibc)
    private import Glibc
#else
    private import Darwin
#endif

/// Reads fields of protobuf-c's trees for generated code.
package enum ProtobufField {
    /// A text field. protoc-c sees `bytes` here, so that the length is known and NUL can be refused.
    /// - Throws: `ProtobufDecodingError` if it is not UTF-8 or holds NUL.
    package static func string(
        _ data: ProtobufCBinaryData, _ messageName: String, _ fieldName: String
    ) throws(ProtobufDecodingError) -> String {
        guard unsafe data.len > 0, let start = unsafe data.data else { return "" }
        let bytes = unsafe UnsafeBufferPointer(start: start, count: data.len)
        guard unsafe memchr(start, 0, data.len) == nil else {
            throw ProtobufDecodingError(
                messageName: messageName, reason: "\(fieldName) must not hold NUL")
        }
        // Decoding repairs what is not UTF-8, so it is UTF-8 if nothing changed. (`String(validating:)`
        // is not specialized in the standard library and takes several times as long.)
        let text = unsafe String(decoding: bytes, as: UTF8.self)
        let isSame = unsafe text.utf8.withContiguousStorageIfAvailable { decoded in
            unsafe decoded.count == data.len
                && memcmp(decoded.baseAddress.unsafelyUnwrapped, start, data.len) == 0
        }
        guard isSame == true else {
            throw ProtobufDecodingError(
                messageName: messageName, reason: "\(fieldName) must be UTF-8")
        }
        return text
    }

    /// A bytes field.
    package static func bytes(_ data: ProtobufCBinaryData) -> [UInt8] {
        guard unsafe data.len > 0, let start = unsafe data.data else { return [] }
        return unsafe Array(UnsafeBufferPointer(start: start, count: data.len))
    }
}
