import Model
import Synchronization

/// A clock that only moves when a test says so, and random bits that repeat.
final class ManualEnvironment: Environment {
    private struct Sleeper {
        let id: Int
        let instant: WallTime
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now = WallTime(microseconds: 1_800_000_000_000_000)
        var random: UInt64
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var nextID = 0
    }

    private let state: Mutex<State>

    init(seed: UInt64 = 1) {
        state = Mutex(State(random: seed))
    }

    func now() -> WallTime { state.withLock { $0.now } }

    func random() -> UInt64 {
        state.withLock { state in
            state.random = state.random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state.random
        }
    }

    func sleep(until instant: WallTime) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.now >= instant || state.cancelled.contains(id) { return true }
                    state.sleepers.append(
                        Sleeper(id: id, instant: instant, continuation: continuation))
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                state.cancelled.insert(id)
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume()
        }
    }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.instant <= state.now }
            state.sleepers.removeAll { $0.instant <= state.now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }
}
