internal import Model
internal import Synchronization

/// What is tried again after a pause, outside of the shards. An engine that ends lets go of all of it: what is
/// to be done lies in the store. As many as there are executions in memory, at most.
final class Retries: Sendable {
    private struct State {
        var waiting: [Int: Task<Void, Never>] = [:]
        var nextID = 0
        var isOver = false
    }

    private let environment: any Environment
    private let state = Mutex(State())

    init(_ environment: any Environment) {
        self.environment = environment
    }

    /// Does `work` after a pause, unless the engine ends before.
    func after(_ pause: Duration, _ work: @escaping @Sendable () async -> Void) {
        let environment = environment
        state.withLock { state in
            guard !state.isOver else { return }
            let id = state.nextID
            state.nextID += 1
            state.waiting[id] = Task {
                await environment.sleep(until: environment.now().advanced(by: pause))
                if self.take(id) { await work() }
            }
        }
    }

    /// Whether it is still to be done.
    private func take(_ id: Int) -> Bool {
        // The task is let go of outside of the lock.
        let task = state.withLock { $0.waiting.removeValue(forKey: id) }
        return task != nil
    }

    /// Nothing is tried any more.
    func end() {
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for task in waiting { task.cancel() }
    }
}
