package import NIOCore
package import ProtobufRuntime

/// Sends a call's response messages, in bytes. Implemented by Transport, one per call.
package protocol ResponseWriter: Sendable {
    /// Queues one encoded message; suspends while the stream's or the connection's queue is full.
    /// - Throws: `CancellationError` once the call has ended.
    func write(_ message: ByteBuffer) async throws
}

/// Receives a call's request messages, in bytes. Implemented by Transport, one per call. Only one
/// task may read; the peer is granted room for more only as messages are taken.
package protocol RequestReader: Sendable {
    /// The next encoded message, or nil when the peer is done.
    /// - Throws: `RPCError` for a violation of the protocol, `CancellationError` once the call ended.
    func next() async throws -> ByteBuffer?
}

/// A typed view of a `ResponseWriter`.
package struct MessageWriter<Message: ProtobufMessage>: Sendable {
    private let writer: any ResponseWriter

    package init(_ writer: any ResponseWriter) {
        self.writer = writer
    }

    /// Encodes and sends one message; suspends under back-pressure.
    package func write(_ message: Message) async throws {
        try await writer.write(ByteBuffer(encoding: message))
    }

    /// Sends a message that is encoded already.
    package func write(encoded message: ByteBuffer) async throws {
        try await writer.write(message)
    }
}

/// A typed view of a `RequestReader`.
package struct MessageReader<Message: ProtobufMessage>: AsyncSequence, Sendable {
    private let reader: any RequestReader

    package init(_ reader: any RequestReader) {
        self.reader = reader
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let reader: any RequestReader

        package mutating func next() async throws -> Message? {
            guard let bytes = try await reader.next() else { return nil }
            return try Message(decoding: bytes)
        }
    }

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reader: reader)
    }
}

extension ProtobufMessage {
    /// Decodes a received message.
    /// - Throws: `RPCError` INVALID_ARGUMENT.
    package init(decoding buffer: ByteBuffer) throws(RPCError) {
        do {
            self = try unsafe buffer.withUnsafeReadableBytes {
                bytes throws(ProtobufDecodingError) in
                try unsafe Self(protobufBytes: bytes)
            }
        } catch {
            throw RPCError(.invalidArgument, error.description)
        }
    }
}

extension ProtobufMessage {
    /// Decodes what a server answered.
    /// - Throws: `RPCError` INTERNAL: the fault is the peer's, not the caller's.
    package init(decodingAnswer buffer: ByteBuffer) throws(RPCError) {
        do throws(RPCError) {
            try self.init(decoding: buffer)
        } catch {
            throw RPCError(.internal, "the answer is malformed: \(error.message)")
        }
    }
}

extension ByteBuffer {
    /// The encoded form of `message`.
    package init(encoding message: some ProtobufMessage) {
        self = unsafe message.withProtobufBytes { bytes in unsafe ByteBuffer(bytes: bytes) }
    }
}
