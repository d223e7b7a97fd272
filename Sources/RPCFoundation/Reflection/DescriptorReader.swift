/// Reads the few fields that reflection needs out of serialized descriptors: a cursor over protobuf
/// fields (protobuf.dev/programming-guides/encoding). The input is our own, made by protoc; what is
/// malformed ends the reading.
struct DescriptorReader {
    /// One field's content.
    enum Value {
        case bytes(ArraySlice<UInt8>)
        case varint(UInt64)
        /// A fixed-size number, which no descriptor field needed here has.
        case other
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// The next field, or nil at the end.
    mutating func next() -> (number: Int, value: Value)? {
        guard let tag = varint() else { return nil }
        let number = Int(truncatingIfNeeded: tag >> 3)
        switch tag & 7 {
        case 0:
            guard let value = varint() else { return nil }
            return (number, .varint(value))
        case 1:
            return take(8).map { _ in (number, .other) }
        case 2:
            guard let count = varint(), let bytes = take(count) else { return nil }
            return (number, .bytes(bytes))
        case 5:
            return take(4).map { _ in (number, .other) }
        default:
            return nil
        }
    }

    private mutating func take(_ count: UInt64) -> ArraySlice<UInt8>? {
        guard count <= UInt64(rest.count) else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}

extension DescriptorReader.Value {
    /// Text; nil for another type.
    var text: String? {
        guard case .bytes(let bytes) = self else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
