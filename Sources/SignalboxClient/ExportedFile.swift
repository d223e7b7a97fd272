public import Messages
internal import RPC
internal import Services

/// An export's file, piece by piece: see `SignalboxClient.export`.
public struct ExportedFile: AsyncSequence, Sendable {
    let dialer: Dialer
    let request: ExportRequest

    /// Each iterator is an export of its own.
    public func makeAsyncIterator() -> Iterator { Iterator(dialer: dialer, request: request) }

    /// One export. Only one task may use it.
    public struct Iterator: AsyncIteratorProtocol {
        private let dialer: Dialer
        private let request: ExportRequest
        private var stream: ResponseStream<ExportChunk>.AsyncIterator?

        init(dialer: Dialer, request: ExportRequest) {
            self.dialer = dialer
            self.request = request
        }

        /// The next piece, or nil after the last.
        /// - Throws: `RPCError`, or `CancellationError`.
        public mutating func next() async throws -> ExportChunk? {
            if stream == nil {
                let client = ExportServiceClient(channel: try await dialer.connection())
                stream = try await client.export(request).makeAsyncIterator()
            }
            return try await stream?.next()
        }
    }
}

extension SignalboxClient {
    /// Executions as one file. Nothing is sent before the sequence is iterated.
    public func export(_ request: ExportRequest) -> ExportedFile {
        ExportedFile(dialer: dialer, request: request)
    }
}
