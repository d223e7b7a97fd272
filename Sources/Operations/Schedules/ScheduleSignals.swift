internal import Model
internal import Store
internal import Synchronization

/// How operations tell the scheduler that there is something to do. Safe to use from any task; one
/// task waits.
final class ScheduleSignals: Sendable {
    private struct State {
        var isSet = false
        var waiter: CheckedContinuation<Void, Never>?
        var draining: Set<ScheduleKey> = []

        mutating func take() -> CheckedContinuation<Void, Never>? {
            defer { waiter = nil }
            return waiter
        }
    }

    private let state = Mutex(State())

    /// A schedule was made, changed or erased.
    func changed() {
        state.withLock { state in
            state.isSet = true
            return state.take()
        }?.resume()
    }

    /// Fires of this schedule may be BUFFERED no longer.
    func drain(_ key: ScheduleKey) {
        state.withLock { state in
            state.isSet = true
            state.draining.insert(key)
            return state.take()
        }?.resume()
    }

    /// The schedules to drain; each is given once.
    func takeDraining() -> Set<ScheduleKey> {
        state.withLock { state in
            defer { state.draining = [] }
            return state.draining
        }
    }

    /// Returns at an instant, or once something was signalled, or when the task is cancelled.
    /// - Returns: whether something was.
    func wait(until instant: WallTime, _ environment: any Environment) async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await environment.sleep(until: instant)
                self.state.withLock { $0.take() }?.resume()
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isOver = state.withLock { state in
                        if state.isSet || Task.isCancelled || environment.now() >= instant {
                            return true
                        }
                        state.waiter = continuation
                        return false
                    }
                    if isOver { continuation.resume() }
                }
            } onCancel: {
                state.withLock { $0.take() }?.resume()
            }
            group.cancelAll()
        }
        return state.withLock { state in
            defer { state.isSet = false }
            return state.isSet
        }
    }
}
