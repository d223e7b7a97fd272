internal import Synchronization

/// Wakes those who wait for something to change. Safe to use from any task.
///
/// Who waits names the change it has seen last, so that none between its look and its wait is missed.
final class ChangeBell: Sendable {
    private struct State {
        var changes: UInt64 = 0
        var nextID: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// How often it has rung.
    var changes: UInt64 { state.withLock { $0.changes } }

    /// Something has changed.
    func ring() {
        let waiters = state.withLock { state in
            state.changes += 1
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns once it has rung more than `seen` times, or when the task is cancelled.
    func wait(after seen: UInt64) async {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.changes > seen || Task.isCancelled { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }

    /// How many wait.
    var waiterCount: Int { state.withLock { $0.waiters.count } }
}
