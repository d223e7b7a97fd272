import Synchronization

/// What handlers tell a test, and a way to wait for it.
final class TestEvents: Sendable {
    private struct State {
        var names: [String] = []
        var written = 0
        var waiters: [(name: String, count: Int, continuation: CheckedContinuation<Void, Never>)] =
            []
    }

    private let state = Mutex(State())

    /// How many bytes an endless stream was allowed to write.
    var written: Int {
        get { state.withLock { $0.written } }
        set { state.withLock { $0.written = newValue } }
    }

    func record(_ name: String) {
        let ready = state.withLock { state in
            state.names.append(name)
            let (ready, waiting) = state.waiters.partitioned { waiter in
                state.names.count { $0 == waiter.name } >= waiter.count
            }
            state.waiters = waiting
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// Returns once `name` was recorded `count` times.
    func happened(_ name: String, _ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.names.count(where: { $0 == name }) >= count { return true }
                state.waiters.append((name, count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}

extension Array {
    fileprivate func partitioned(_ isFirst: (Element) -> Bool) -> ([Element], [Element]) {
        var first: [Element] = []
        var second: [Element] = []
        for element in self {
            if isFirst(element) { first.append(element) } else { second.append(element) }
        }
        return (first, second)
    }
}
