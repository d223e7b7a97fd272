internal import Messages
internal import Model
internal import Synchronization

/// The buckets of the callers that called lately: a bounded number of them, and who is forgotten
/// starts with a full one. Safe to use from any task.
final class RateLimiter: Sendable {
    private let usual: Int
    private let environment: any Environment
    private let buckets = Mutex(RecentlyUsed<String, TokenBucket>(capacity: 16_384))

    /// - Parameter usual: calls a minute of who has no rate of its own; at least 1.
    init(usual: Int, environment: any Environment) {
        self.usual = max(usual, 1)
        self.environment = environment
    }

    /// Counts a call.
    func called(_ identity: Identity) -> TokenBucket.OnCall {
        let principal = identity.principal
        let name = principal.tokenID.isEmpty ? principal.name : principal.tokenID
        let perMinute = identity.callsPerMinute > 0 ? identity.callsPerMinute : usual
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
}
