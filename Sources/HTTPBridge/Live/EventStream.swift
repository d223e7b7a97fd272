internal import Hummingbird
package import Messages
internal import NIOCore
package import Operations
internal import Store
internal import Synchronization
internal import Transport

/// An execution's journal as server-sent events: history first, then live, until the event that ends
/// the execution, until the stream is old, or until the caller's credential ceases to work. Browsers
/// reconnect then, and say where they were.
///
/// Nothing is buffered but what the client's connection holds: a client that reads slowly is served
/// from the journal, at its own pace.
package struct EventStream: Sendable {
    /// When to send what is no event.
    package struct Pace: Sendable, Equatable {
        /// Between comments that keep proxies and clients from giving up.
        package var heartbeat: Duration = .seconds(15)
        /// After how many heartbeats the stream ends: ten minutes.
        package var heartbeatsMax = 40

        package init() {}
    }

    /// Runs what serves the stream, and throws once the stream may not go on.
    typealias Watch = @Sendable (@escaping @Sendable () async throws -> Void) async throws -> Void

    private let watch: ExecutionWatch
    private let after: Int64
    private let pace: Pace
    private let rendering: any EventRendering
    private var whileServed: Watch = { serve in try await serve() }

    /// - Parameters:
    ///   - watch: from the first event where `rendering` needs those before `after` too.
    ///   - after: the sequence number of the last event that the client has.
    ///   - rendering: what a client gets of an event.
    package init(
        _ watch: ExecutionWatch, after: Int64, pace: Pace = Pace(), _ rendering: any EventRendering
    ) {
        self.watch = watch
        self.after = after
        self.pace = pace
        self.rendering = rendering
    }

    /// The same stream, which ends once `whileServed` refuses it.
    func ending(_ whileServed: @escaping Watch) -> EventStream {
        var stream = self
        stream.whileServed = whileServed
        return stream
    }

    private static let opening = ByteBuffer(string: ": open\n\n")
    private static let heartbeat = ByteBuffer(string: ": heartbeat\n\n")

    /// Writes the stream until it ends.
    /// - Throws: `CancellationError` once the client has gone; other errors break the stream off.
    func write(to output: inout any ResponseBodyWriter, _ exchange: HTTPExchange) async throws {
        // So that the client sees the head before anything happens.
        try await output.write(Self.opening)
        let events = Task { try await whileServed { try await self.writeEvents(exchange) } }
        let heart = beat(exchange) { events.cancel() }
        defer { heart.cancel() }
        let result = await withTaskCancellationHandler {
            await events.result
        } onCancel: {
            events.cancel()
        }
        if case .failure(let error) = result, !Self.isEnd(error) { throw error }
        try Task.checkCancellation()
    }

    /// Whether a stream that ends so ends well: a client whose credential works no more learns of it
    /// when it comes back.
    private static func isEnd(_ error: any Error) -> Bool {
        error is CancellationError || (error as? OperationError)?.code == .unauthenticated
    }

    private func writeEvents(_ exchange: HTTPExchange) async throws {
        var rendering = self.rendering
        do {
            for try await row in watch.rows {
                for event in try watch.filter.events(row) {
                    let rendered = try rendering.events(event)
                    guard event.sequence > after else { continue }
                    for (index, one) in rendered.enumerated() {
                        // A client that got a part of them asks for all of them again.
                        let id = index == rendered.count - 1 ? event.sequence : nil
                        try await exchange.write(one.encoded(id: id))
                    }
                }
            }
        } catch let error as StoreError {
            throw OperationError(error)
        }
    }

    /// Sends heartbeats, and calls `expire` after the last.
    private func beat(
        _ exchange: HTTPExchange, expire: @escaping @Sendable () -> Void
    ) -> RepeatedTask {
        let delay = TimeAmount(pace.heartbeat)
        let beatsMax = pace.heartbeatsMax
        let beats = BeatCount()
        return exchange.eventLoop.scheduleRepeatedTask(initialDelay: delay, delay: delay) { _ in
            if beats.next() < beatsMax { exchange.writeIfRoom(Self.heartbeat) } else { expire() }
        }
    }
}

/// An execution's events in a dialect's words, as a value that takes all of them in order.
package protocol EventRendering: Sendable {
    /// What a client gets of an event; nothing for what the dialect does not show.
    mutating func events(_ event: ExecutionEvent) throws -> [ServerSentEvent]
}

extension BridgeRequest {
    /// The sequence number to go on from: `Last-Event-ID`, which a reconnecting browser sends, else
    /// `text`, else the beginning.
    /// - Throws: `Fault` 400 for anything but a whole number.
    package func sequence(after text: String?) throws(Fault) -> Int64 {
        guard let text = header(.lastEventID) ?? text else { return 0 }
        guard let number = Int64(text), number >= 0 else {
            throw .invalid(
                "after", "expected the sequence number of an event, got '\(text.prefix(64))'")
        }
        return number
    }
}

/// Counts the heartbeats of one stream.
private final class BeatCount: Sendable {
    private let count = Atomic(0)

    func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
