internal import Synchronization

/// Counts open connections up to a bound.
final class ConnectionCount: Sendable {
    private let max: Int
    private let count = Mutex(0)

    init(max: Int) {
        self.max = max
    }

    /// Whether there is room for one more; each success needs one `leave`.
    func enter() -> Bool {
        count.withLock { count in
            guard count < max else { return false }
            count += 1
            return true
        }
    }

    func leave() {
        count.withLock { $0 -= 1 }
    }
}
