package import Model
internal import Synchronization

/// Live journals: what watchers follow.
///
/// Only watched executions have a tail, shared by their watchers and fed by the committer. A waiting
/// watcher holds a continuation and nothing else, so a slow reader costs no memory and loses nothing.
package final class JournalFeed: Sendable {
    /// Continuations that the committer resumes itself; each resumed watcher then resumes
    /// `fanOut` others, so that ten thousand watchers do not hold up the next transaction.
    private static let firstWakes = 16
    private static let fanOut = 4

    /// One execution that somebody watches.
    fileprivate struct Watched {
        var tail: JournalTail
        var watcherCount = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Taken from `waiting` by a publication and not resumed yet.
        var woken: [CheckedContinuation<Void, Never>] = []
        /// Cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private struct State {
        var watched: [ExecutionNumber: Watched] = [:]
        var nextWatcher = 0
    }

    let store: any Store
    private let limits: Limits
    private let state = Mutex(State())
    /// What happens in whole workspaces.
    package let workspaces: WorkspaceFeed

    /// A feed that reads what is not live from `store`.
    package init(store: any Store, limits: Limits) {
        self.store = store
        self.limits = limits
        workspaces = WorkspaceFeed(store: store, limits: limits)
    }

    /// Rows were committed, in this order. Called by the committer only; does not block.
    package func published(_ rows: [JournalRow]) {
        let wakes = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard !state.watched.isEmpty else { return [] }
            var wakes: [CheckedContinuation<Void, Never>] = []
            for row in rows {
                guard let index = state.watched.index(forKey: row.number) else { continue }
                wakes += state.watched.values[index].published(row, limit: Self.firstWakes)
            }
            return wakes
        }
        for wake in wakes { wake.resume() }
    }

    /// All rows that hold events after `sequence`, in order, without gap or repeat; live until the
    /// row that ends the execution, after which the sequence ends. It also ends when the execution
    /// was erased and, early, when the watching task is cancelled.
    ///
    /// The first row may begin at or before `sequence`: rows are what one commit wrote. The caller
    /// has checked that the execution exists and that `sequence` does not lie beyond its end.
    /// Iterating throws `StoreError.overloaded` past `Limits.watchersPerExecutionMax` watchers.
    /// - Parameter payloads: false: large inputs, outputs and answers are not read from the store.
    package func watch(
        _ number: ExecutionNumber, after sequence: Int64, payloads: Bool = true
    ) -> JournalWatch {
        JournalWatch(feed: self, number: number, sequence: sequence, payloads: payloads)
    }

    /// Executions that have a tail, and their watchers, for metrics.
    package var counts: (watched: Int, watchers: Int) {
        state.withLock { state in
            (state.watched.count, state.watched.values.reduce(0) { $0 + $1.watcherCount })
        }
    }

    // MARK: - For watchers

    /// Gives the execution a tail if it has none.
    /// - Returns: the watcher's id.
    func subscribe(_ number: ExecutionNumber) throws(StoreError) -> Int {
        let watcher = state.withLock { state -> Int? in
            var watched =
                state.watched[number]
                ?? Watched(tail: JournalTail(bytesMax: limits.watchTailBytesMax))
            guard watched.watcherCount < limits.watchersPerExecutionMax else { return nil }
            watched.watcherCount += 1
            state.watched[number] = watched
            state.nextWatcher += 1
            return state.nextWatcher
        }
        guard let watcher else {
            throw StoreError(
                .overloaded,
                "execution \(number) has \(limits.watchersPerExecutionMax) watchers, which is the limit"
            )
        }
        return watcher
    }

    /// The last watcher takes the tail along.
    func unsubscribe(_ number: ExecutionNumber, watcher: Int) {
        state.withLock { state in
            guard let index = state.watched.index(forKey: number) else { return }
            state.watched.values[index].cancelled.remove(watcher)
            state.watched.values[index].watcherCount -= 1
            if state.watched.values[index].watcherCount == 0 { state.watched.remove(at: index) }
        }
    }

    func next(_ number: ExecutionNumber, after position: Int64, hasReadStore: Bool)
        -> JournalTail.Next
    {
        state.withLock { state in
            state.watched[number]?.tail.next(after: position, hasReadStore: hasReadStore)
                ?? .readStore
        }
    }

    /// Returns when something beyond `position` was committed or the task is cancelled.
    func wait(_ number: ExecutionNumber, watcher: Int, after position: Int64) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state -> Bool in
                    guard let index = state.watched.index(forKey: number) else { return false }
                    guard state.watched.values[index].tail.newest <= position,
                        !state.watched.values[index].cancelled.contains(watcher)
                    else { return false }
                    state.watched.values[index].waiting[watcher] = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            cancelWait(number, watcher: watcher)
        }
        wakeOthers(number)
    }

    private func cancelWait(_ number: ExecutionNumber, watcher: Int) {
        let continuation = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let index = state.watched.index(forKey: number) else { return nil }
            state.watched.values[index].cancelled.insert(watcher)
            return state.watched.values[index].waiting.removeValue(forKey: watcher)
        }
        continuation?.resume()
    }

    private func wakeOthers(_ number: ExecutionNumber) {
        let wakes = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard let index = state.watched.index(forKey: number) else { return [] }
            return state.watched.values[index].takeWakes(Self.fanOut)
        }
        for wake in wakes { wake.resume() }
    }
}

extension JournalFeed.Watched {
    /// - Returns: the first of those who waited for it.
    fileprivate mutating func published(_ row: JournalRow, limit: Int)
        -> [CheckedContinuation<Void, Never>]
    {
        tail.published(row)
        woken.append(contentsOf: waiting.values)
        waiting.removeAll(keepingCapacity: true)
        return takeWakes(limit)
    }

    fileprivate mutating func takeWakes(_ count: Int) -> [CheckedContinuation<Void, Never>] {
        guard !woken.isEmpty else { return [] }
        let wakes = Array(woken.suffix(count))
        woken.removeLast(wakes.count)
        return wakes
    }
}
