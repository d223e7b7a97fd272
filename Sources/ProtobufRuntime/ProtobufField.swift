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
        guard let text = unsafe String(validating: bytes, as: UTF8.self) else {
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

    /// A repeated number.
    package static func scalars<Scalar: BitwiseCopyable>(
        _ start: UnsafeMutablePointer<Scalar>?, _ count: Int
    ) -> [Scalar] {
        unsafe Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    /// A repeated field of anything that is neither number nor message.
    package static func elements<C, Element>(
        _ start: UnsafeMutablePointer<C>?, _ count: Int,
        _ convert: (C) throws(ProtobufDecodingError) -> Element
    ) throws(ProtobufDecodingError) -> [Element] {
        guard count > 0, let start = unsafe start else { return [] }
        var result: [Element] = []
        result.reserveCapacity(count)
        for index in 0..<count {
            result.append(try unsafe convert(start[index]))
        }
        return result
    }

    /// A repeated message.
    package static func messages<C, Element>(
        _ start: UnsafeMutablePointer<UnsafeMutablePointer<C>?>?, _ count: Int,
        _ convert: (UnsafePointer<C>) throws(ProtobufDecodingError) -> Element
    ) throws(ProtobufDecodingError) -> [Element] {
        guard count > 0, let start = unsafe start else { return [] }
        var result: [Element] = []
        result.reserveCapacity(count)
        for index in 0..<count {
            // protobuf-c fills every place of an array.
            guard let element = unsafe start[index] else { continue }
            result.append(try unsafe convert(element))
        }
        return result
    }
}
