public import Messages
internal import RPC
internal import Services

/// An execution's events, live, in order, each once: see `SignalboxClient.watch`.
public struct WatchedEvents: AsyncSequence, Sendable {
    let dialer: Dialer
    let request: WatchRequest
    let patience: Duration

    /// Each iterator is a watch of its own.
    public func makeAsyncIterator() -> Iterator {
        Iterator(dialer: dialer, request: request, patience: patience)
    }

    /// One watch. Only one task may use it.
    public struct Iterator: AsyncIteratorProtocol {
        private let dialer: Dialer
        private var request: WatchRequest
        private let patience: Duration
        private var stream: ResponseStream<EventBatch>.AsyncIterator?
        /// Received and not delivered yet, newest first.
        private var pending: [ExecutionEvent] = []
        private var hasEnded = false

        init(dialer: Dialer, request: WatchRequest, patience: Duration) {
            self.dialer = dialer
            self.request = request
            self.patience = patience
        }

        /// The next event, or nil after the final one.
        /// - Throws: `RPCError`, or `CancellationError`.
        public mutating func next() async throws -> ExecutionEvent? {
            while pending.isEmpty, !hasEnded {
                guard let batch = try await batch() else {
                    hasEnded = true
                    break
                }
                pending = batch.events.filter { $0.sequence > request.afterSequence }.reversed()
            }
            guard let event = pending.popLast() else { return nil }
            request.afterSequence = event.sequence
            return event
        }

        /// The next batch, from as many connections as it takes.
        private mutating func batch() async throws -> EventBatch? {
            let clock = ContinuousClock()
            var deadline: ContinuousClock.Instant?
            var delay = Duration.milliseconds(50)
            while true {
                do {
                    if stream == nil { try await begin() }
                    return try await stream?.next()
                } catch let error as RPCError where error.code == .unavailable {
                    stream = nil
                    let end = deadline ?? clock.now.advanced(by: patience)
                    deadline = end
                    guard clock.now.advanced(by: delay) < end else { throw error }
                    try await Task.sleep(for: delay)
                    delay = Swift.min(delay * 2, .seconds(2))
                }
            }
        }

        private mutating func begin() async throws {
            let client = ExecutionServiceClient(channel: try await dialer.connection())
            stream = try await client.watch(request).makeAsyncIterator()
        }
    }
}
