import Model
import Synchronization

/// A clock that only moves when a test says so; it may be set back.
final class ManualClock: Environment {
    private struct State {
        var now: WallTime
        var nextID = 0
        var cancelled: Set<Int> = []
        var sleepers: [Int: (until: WallTime, continuation: CheckedContinuation<Void, Never>)] = [:]
    }

    private let state: Mutex<State>

    init(_ now: WallTime) { state = Mutex(State(now: now)) }

    func now() -> WallTime { state.withLock { $0.now } }

    func random() -> UInt64 { .random(in: .min ... .max) }

    func sleep(until instant: WallTime) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.now >= instant || state.cancelled.contains(id) { return true }
                    state.sleepers[id] = (instant, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                state.cancelled.insert(id)
                return state.sleepers.removeValue(forKey: id)?.continuation
            }?.resume()
        }
    }

    func set(_ now: WallTime) {
        let due = state.withLock { state in
            state.now = now
            let due = state.sleepers.filter { $0.value.until <= now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    func advance(by duration: Duration) { set(now().advanced(by: duration)) }
}
