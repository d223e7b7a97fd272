package import NIOCore

/// Cuts a request's bytes into messages.
///
/// ```
/// +-----------+-------------------+-------------------+
/// | flag (1)  | length (4, big    | length bytes      |
/// | 0 or 1    | endian)           |                   |
/// +-----------+-------------------+-------------------+
/// ```
/// Messages and DATA frames do not align. A value: it holds at most one incomplete message and what
/// its user has not taken yet (grpc/grpc doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message").
package struct GRPCDeframer: Sendable {
    /// Bytes before each message.
    package static let prefixByteCount = 5

    /// One message as it was framed.
    package struct Frame: Sendable, Equatable {
        package let isCompressed: Bool
        package let payload: ByteBuffer
    }

    private let messageBytesMax: Int
    private var buffer = ByteBuffer()

    /// A deframer that refuses messages of more than `messageBytesMax` bytes.
    package init(messageBytesMax: Int) {
        self.messageBytesMax = messageBytesMax
    }

    /// How many bytes are here that no message was made of yet.
    package var waitingByteCount: Int { buffer.readableBytes }

    /// How long the message at the front is, with its prefix; nil while the prefix is incomplete.
    package var announcedByteCount: Int? {
        buffer.getInteger(at: buffer.readerIndex + 1, as: UInt32.self)
            .map { Int($0) + Self.prefixByteCount }
    }

    /// Takes in the next bytes of the request.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if buffer.readableBytes == 0 {
            // A new buffer, because slices of the old one may be with a handler; writing to it
            // would copy them.
            buffer = unsafe ByteBuffer(bytes: bytes)
        } else {
            unsafe buffer.writeBytes(bytes)
        }
    }

    /// The next whole message, or nil until more bytes came.
    /// - Throws: `RPCError` RESOURCE_EXHAUSTED for a length over the limit, decided before the
    ///   message is waited for; INTERNAL for a flag other than 0 and 1.
    package mutating func next() throws(RPCError) -> Frame? {
        guard let flag = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self),
            let length = buffer.getInteger(at: buffer.readerIndex + 1, as: UInt32.self)
        else { return nil }
        guard flag <= 1 else {
            throw RPCError(.internal, "message flag is \(flag), expected 0 or 1")
        }
        guard length <= messageBytesMax else {
            throw RPCError(
                .resourceExhausted,
                "request message of \(length) bytes exceeds the limit of \(messageBytesMax)")
        }
        guard
            let payload = buffer.getSlice(
                at: buffer.readerIndex + Self.prefixByteCount, length: Int(length))
        else { return nil }
        buffer.moveReaderIndex(forwardBy: Self.prefixByteCount + Int(length))
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        return Frame(isCompressed: flag == 1, payload: payload)
    }

    /// The error of a request that ends in the middle of a message; nil if it does not.
    package var cutOff: RPCError? {
        guard buffer.readableBytes > 0 else { return nil }
        return RPCError(
            .internal,
            "the request ended within a message, after \(buffer.readableBytes) bytes of it")
    }
}
