package import NIOCore
public import ProtobufRuntime

/// What a caller may set on one call.
public struct CallOptions: Sendable {
    /// Metadata to send.
    public var metadata: Metadata
    /// How long to wait for the end; nil: no limit.
    public var timeout: Duration?

    /// Options of a call.
    public init(metadata: Metadata = [:], timeout: Duration? = nil) {
        self.metadata = metadata
        self.timeout = timeout
    }
}

/// A way to reach a server. Implemented by Transport's client connection; used by generated stubs.
package protocol RPCChannel: Sendable {
    /// Makes a unary call. Cancelling the task cancels the call.
    /// - Throws: `RPCError`.
    func unary(
        _ method: MethodDescriptor, _ request: ByteBuffer, options: CallOptions
    ) async throws -> ByteBuffer

    /// Starts a server-streaming call.
    /// - Throws: `RPCError`.
    func serverStreaming(
        _ method: MethodDescriptor, _ request: ByteBuffer, options: CallOptions
    ) async throws -> any ResponseReader
}

/// Receives a call's response messages, in bytes. Dropping it cancels the call.
package protocol ResponseReader: AnyObject, Sendable {
    /// The next encoded message, or nil after an OK end.
    /// - Throws: `RPCError` when the call ended otherwise.
    func next() async throws -> ByteBuffer?
}

/// A server-streaming call's messages.
public struct ResponseStream<Message: ProtobufMessage>: AsyncSequence, Sendable {
    private let reader: any ResponseReader

    package init(_ reader: any ResponseReader) {
        self.reader = reader
    }

    /// Reads the messages in order.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let reader: any ResponseReader

        /// The next message, or nil after an OK end.
        public mutating func next() async throws -> Message? {
            guard let bytes = try await reader.next() else { return nil }
            return try Message(decoding: bytes)
        }
    }

    /// Only one task may iterate.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(reader: reader)
    }
}
