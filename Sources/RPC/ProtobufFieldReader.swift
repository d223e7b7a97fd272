package import NIOCore

/// Reads the fields of one protobuf message, for the few messages that are read on every call and
/// whose payload must not be copied.
package struct ProtobufFieldReader {
    /// One field as it lies on the wire.
    package enum Field: Equatable {
        /// Wire type 0.
        case number(Int, UInt64)
        /// Wire type 2; shares the message's memory.
        case bytes(Int, ByteBuffer)
        /// Wire types 1 and 5, whose values none of our readers wants.
        case fixed(Int)
    }

    /// The message is cut off or not protobuf.
    package struct Malformed: Error, Equatable {}

    private var buffer: ByteBuffer

    /// A reader of the readable bytes of `message`.
    package init(_ message: ByteBuffer) {
        buffer = message
    }

    /// The next field; nil at the end.
    package mutating func next() throws(Malformed) -> Field? {
        guard buffer.readableBytes > 0 else { return nil }
        let tag = try varint()
        guard let number = Int(exactly: tag >> 3), (1...536_870_911).contains(number) else {
            throw Malformed()
        }
        switch tag & 7 {
        case 0:
            return .number(number, try varint())
        case 1:
            return .fixed(try skip(8, of: number))
        case 2:
            guard let count = Int(exactly: try varint()),
                let bytes = buffer.readSlice(length: count)
            else { throw Malformed() }
            return .bytes(number, bytes)
        case 5:
            return .fixed(try skip(4, of: number))
        default:
            throw Malformed()
        }
    }

    private mutating func skip(_ count: Int, of number: Int) throws(Malformed) -> Int {
        guard buffer.readSlice(length: count) != nil else { throw Malformed() }
        return number
    }

    private mutating func varint() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte: UInt8 = buffer.readInteger() {
            // The tenth byte holds the last bit of 64.
            guard shift < 63 || byte <= 1 else { throw Malformed() }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Malformed()
    }
}

extension ByteBuffer {
    /// Appends a base-128 number.
    package mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        writeInteger(UInt8(rest))
    }

    /// The size of a base-128 number.
    package static func varintByteCount(_ value: UInt64) -> Int {
        (70 - max(value, 1).leadingZeroBitCount) / 7
    }

    /// The text, if it is UTF-8.
    package var validatedText: String? {
        unsafe withUnsafeReadableBytes { bytes in unsafe String(validating: bytes, as: UTF8.self) }
    }
}
