package import NIOCore

/// A request's body, piece by piece as it comes. To be read by one task, once; what is not read
/// holds the client back.
package struct HTTPRequestBody: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer

    let exchange: HTTPExchange

    package func makeAsyncIterator() -> Iterator { Iterator(exchange: exchange) }

    /// The whole body.
    /// - Throws: `HTTPBodyError`, or `CancellationError` once the client has gone.
    package func collect() async throws -> ByteBuffer {
        var whole = ByteBuffer()
        while var piece = try await exchange.nextBodyPiece() {
            if whole.readableBytes == 0 { whole = piece } else { whole.writeBuffer(&piece) }
        }
        return whole
    }

    package struct Iterator: AsyncIteratorProtocol, Sendable {
        let exchange: HTTPExchange

        /// The next bytes, never none; nil at the end.
        /// - Throws: `HTTPBodyError`, or `CancellationError` once the client has gone.
        package mutating func next() async throws -> ByteBuffer? {
            try await exchange.nextBodyPiece()
        }
    }
}
