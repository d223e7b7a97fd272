internal import Messages
internal import Model
internal import Synchronization

/// The buckets of who called lately: a bounded number of them, and who is forgotten starts with a
/// full one. Safe to use from any task.
final class RateLimiter: Sendable {
    private let environment: any Environment
    private let buckets = Mutex(RecentlyUsed<String, TokenBucket>(capacity: 16_384))

    init(environment: any Environment) {
        self.environment = environment
    }

    /// Counts a call.
    /// - Parameters:
    ///   - name: whose bucket it is taken from.
    ///   - perMinute: what that bucket holds; at least 1.
    func called(_ name: String, perMinute: Int) -> TokenBucket.OnCall {
        let now = environment.now()
        return buckets.withLock { buckets in
            var bucket = buckets[name] ?? TokenBucket(perMinute: perMinute, now: now)
            if !bucket.has(perMinute: perMinute) {
                bucket = TokenBucket(perMinute: perMinute, now: now)
            }
            defer { buckets[name] = bucket }
            return bucket.called(now: now)
        }
    }

    /// Takes a call back that was counted and turned out not to be one of those that are bounded.
    func takenBack(_ name: String) {
        buckets.withLock { $0[name]?.takenBack() }
    }
}
