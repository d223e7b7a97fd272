internal import Synchronization

/// Wakes those who wait for something to change; what changed they look up themselves.
final class Broadcast: Sendable {
    private struct State {
        var generation = 0
        var nextID = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Cancelled before they began to wait.
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// To be read before looking, and given to `wait`.
    var generation: Int { state.withLock { $0.generation } }

    /// Something changed.
    func wake() {
        let waiting = state.withLock { state in
            state.generation += 1
            let waiting = state.waiting
            state.waiting = [:]
            return waiting
        }
        for continuation in waiting.values { continuation.resume() }
    }

    /// Returns once something has changed since `generation`, or the task is cancelled.
    func wait(since generation: Int) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state -> Bool in
                    let wasCancelled = state.cancelled.remove(id) != nil
                    guard !wasCancelled, state.generation == generation else { return false }
                    state.waiting[id] = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                let waiting = state.waiting.removeValue(forKey: id)
                if waiting == nil { state.cancelled.insert(id) }
                return waiting
            }
            waiting?.resume()
        }
        state.withLock { state in _ = state.cancelled.remove(id) }
    }
}
