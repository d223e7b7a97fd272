internal import Messages
internal import Model
internal import Synchronization

/// What happens in a whole workspace: which executions have news.
///
/// A listener holds no events, only how far behind it is with each execution, and reads them from the
/// store at its own pace. So one that is slow loses nothing and costs little; beyond
/// `listenerExecutionsMax` executions with news it is told that it fell behind.
package final class WorkspaceFeed: Sendable {
    /// Executions whose workspace is remembered; those beyond are looked up again.
    private static let ownersMax = 20_000

    /// How far a listener is with one execution that has news.
    struct Lag: Equatable {
        /// The last event that it has.
        var position: Int64
        /// The newest that there is.
        var newest: Int64
    }

    /// One listener as a value.
    struct Listener {
        let workspaceID: String
        private let executionsMax: Int
        private var lags: [ExecutionNumber: Lag] = [:]
        private var order: [ExecutionNumber] = []
        /// Of executions without news that go on: a row may be read before it is announced.
        private var delivered: [ExecutionNumber: Int64] = [:]
        private(set) var hasFallenBehind = false
        fileprivate var waiting: CheckedContinuation<Void, Never>?

        init(workspaceID: String, executionsMax: Int) {
            self.workspaceID = workspaceID
            self.executionsMax = executionsMax
        }

        var hasNews: Bool { !order.isEmpty || hasFallenBehind }

        /// A row was committed.
        mutating func published(_ row: JournalRow) {
            if let known = delivered[row.number], row.lastSequence <= known { return }
            if lags[row.number] != nil {
                lags[row.number]?.newest = row.lastSequence
                return
            }
            guard lags.count < executionsMax else { return hasFallenBehind = true }
            let position = max(row.firstSequence - 1, delivered[row.number] ?? 0)
            lags[row.number] = Lag(position: position, newest: row.lastSequence)
            order.append(row.number)
        }

        /// The execution whose turn it is, and what to read after.
        mutating func next() -> (number: ExecutionNumber, position: Int64)? {
            guard !order.isEmpty else { return nil }
            let number = order.removeFirst()
            guard let lag = lags[number] else { return nil }
            return (number, lag.position)
        }

        /// Rows were read up to `sequence`; with more to come, the execution waits for its next turn.
        mutating func read(_ number: ExecutionNumber, to sequence: Int64, isEnd: Bool) {
            guard let lag = lags[number] else { return }
            if !isEnd, lag.newest > sequence {
                lags[number]?.position = sequence
                order.append(number)
                return
            }
            lags[number] = nil
            if delivered.count >= executionsMax { delivered.removeAll() }
            delivered[number] = isEnd ? nil : sequence
        }

        /// The execution is another workspace's, or erased.
        mutating func forget(_ number: ExecutionNumber) {
            lags[number] = nil
            delivered[number] = nil
        }
    }

    fileprivate struct State {
        var listeners: [Int: Listener] = [:]
        var owners: [ExecutionNumber: String] = [:]
        var nextListener = 0
    }

    private let store: any Store
    private let limits: Limits
    private let state = Mutex(State())
    private let listenerCount = Atomic(0)

    init(store: any Store, limits: Limits) {
        self.store = store
        self.limits = limits
    }

    /// A commit is on disk. Called by the committer only; does not block.
    func published(_ commit: Commit) {
        guard listenerCount.load(ordering: .relaxed) > 0 else { return }
        let wakes = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            for change in commit.changes {
                switch change {
                case .insertExecution(let row), .updateExecution(let row, _):
                    state.remember(
                        ExecutionNumber(rawValue: row.execution.number),
                        row.execution.workspaceID, max: Self.ownersMax)
                default: break
                }
            }
            var wakes: [CheckedContinuation<Void, Never>] = []
            for case .appendJournal(let row) in commit.changes {
                wakes += state.published(row)
            }
            return wakes
        }
        for wake in wakes { wake.resume() }
    }

    /// What happens from now on in a workspace.
    package func listen(workspaceID: String) -> WorkspaceWatch {
        WorkspaceWatch(feed: self, store: store, workspaceID: workspaceID)
    }

    // MARK: For listeners

    func subscribe(_ workspaceID: String) -> Int {
        listenerCount.wrappingAdd(1, ordering: .relaxed)
        return state.withLock { state in
            state.nextListener += 1
            state.listeners[state.nextListener] = Listener(
                workspaceID: workspaceID, executionsMax: limits.listenerExecutionsMax)
            return state.nextListener
        }
    }

    func unsubscribe(_ listener: Int) {
        let waiting = state.withLock { state in
            state.listeners.removeValue(forKey: listener)?.waiting
        }
        waiting?.resume()
        listenerCount.wrappingSubtract(1, ordering: .relaxed)
    }

    /// The execution whose turn it is, and whether it is the listener's; nil: nobody knows yet.
    func next(_ listener: Int) -> (number: ExecutionNumber, position: Int64, isOwn: Bool?)? {
        state.withLock { state in
            guard let next = state.listeners[listener]?.next() else { return nil }
            let owner = state.owners[next.number]
            return (
                next.number, next.position,
                owner.map { $0 == state.listeners[listener]?.workspaceID }
            )
        }
    }

    func change(_ listener: Int, _ change: (inout Listener) -> Void) {
        state.withLock { state in
            guard var one = state.listeners[listener] else { return }
            change(&one)
            state.listeners[listener] = one
        }
    }

    func learned(_ number: ExecutionNumber, _ workspaceID: String) {
        state.withLock { $0.remember(number, workspaceID, max: Self.ownersMax) }
    }

    func hasFallenBehind(_ listener: Int) -> Bool {
        state.withLock { $0.listeners[listener]?.hasFallenBehind ?? false }
    }

    /// Returns when there is news or the task is cancelled.
    func wait(_ listener: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state -> Bool in
                    guard let one = state.listeners[listener], !one.hasNews, !Task.isCancelled
                    else { return false }
                    state.listeners[listener]?.waiting = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            let waiting = state.withLock { $0.takeWaiting(listener) }
            waiting?.resume()
        }
    }
}

extension WorkspaceFeed.State {
    fileprivate mutating func remember(
        _ number: ExecutionNumber, _ workspaceID: String, max: Int
    ) {
        if owners[number] == nil, owners.count >= max { owners.removeAll(keepingCapacity: true) }
        owners[number] = workspaceID
    }

    fileprivate mutating func published(_ row: JournalRow) -> [CheckedContinuation<Void, Never>] {
        let owner = owners[row.number]
        if row.endsExecution { owners[row.number] = nil }
        var wakes: [CheckedContinuation<Void, Never>] = []
        for (id, listener) in listeners where owner == nil || owner == listener.workspaceID {
            listeners[id]?.published(row)
            if let wake = takeWaiting(id) { wakes.append(wake) }
        }
        return wakes
    }

    fileprivate mutating func takeWaiting(_ listener: Int) -> CheckedContinuation<Void, Never>? {
        guard let waiting = listeners[listener]?.waiting else { return nil }
        listeners[listener]?.waiting = nil
        return waiting
    }
}
