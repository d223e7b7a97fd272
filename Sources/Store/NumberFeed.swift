internal import Messages
internal import Synchronization

/// Tells those who watch one of many numbered things, a batch for example, that it has changed. Safe to
/// use from any thread.
package final class NumberFeed: Sendable {
    private struct State {
        var watchers: [Int64: [Int: AsyncStream<Void>.Continuation]] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// One element after changes that were committed; changes that come before it is taken are told
    /// together, so that a slow watcher costs no memory.
    /// - Returns: nil where `limit` watchers watch it already.
    package func changes(of number: Int64, limit: Int) -> AsyncStream<Void>? {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state -> Int? in
            guard state.watchers[number, default: [:]].count < limit else { return nil }
            state.nextID += 1
            state.watchers[number, default: [:]][state.nextID] = continuation
            return state.nextID
        }
        guard let id else { return nil }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in
                state.watchers[number]?[id] = nil
                if state.watchers[number]?.isEmpty == true { state.watchers[number] = nil }
            }
        }
        return stream
    }

    /// Those with these numbers have changed.
    func changed(_ numbers: Set<Int64>) {
        guard !numbers.isEmpty else { return }
        let told = state.withLock { state in
            state.watchers.isEmpty
                ? [] : numbers.flatMap { state.watchers[$0]?.values.map(\.self) ?? [] }
        }
        for continuation in told { continuation.yield() }
    }
}

extension Change {
    /// The batch whose counts it may move.
    var batchNumber: Int64? {
        switch self {
        case .updateExecution(let row, _) where row.execution.batchNumber != 0:
            row.execution.batchNumber
        case .many(.batch(.insert(let row))): row.batch.number
        case .many(.batch(.stop(let number, _, _))), .many(.batch(.delete(let number))): number
        default: nil
        }
    }
    /// The bulk operation whose progress it may move.
    var bulkNumber: Int64? {
        switch self {
        case .many(.bulk(.take(let number, _, _, _))), .many(.bulk(.settle(let number, _))),
            .many(.bulk(.stop(let number, _))), .many(.bulk(.halt(let number, _))),
            .many(.bulk(.end(let number, _))):
            number
        default: nil
        }
    }
}
