internal import Model
internal import Synchronization

/// Bounds what strangers can make the server look at: a delivery is counted before anything of it is
/// hashed, and taken back once it verifies. So a sender that can sign is bounded by its webhook's own
/// rate alone, also where somebody else tries without end, at the same address even once one of its
/// deliveries came from there. Safe to use from any task.
final class DeliveryAttempts: Sendable {
    /// One delivery that was let in to be verified.
    struct Attempt {
        /// Buckets that it was counted in.
        fileprivate var counted: [String]
        fileprivate let pair: String
        /// Whether its source has shown a good delivery to its webhook lately.
        let isKnown: Bool
    }

    private let limits: Limits
    private let rates: RateLimiter
    /// Whose deliveries verified lately, each for its webhook.
    private let known = Mutex(RecentlyUsed<String, Void>(capacity: 16_384))

    init(_ limits: Limits, environment: any Environment) {
        self.limits = limits
        rates = RateLimiter(environment: environment)
    }

    /// A delivery came.
    /// - Throws: `.resourceExhausted` with a retry delay.
    func began(_ webhookID: String, from source: String) throws(OperationError) -> Attempt {
        let pair = "\(webhookID) \(source)"
        // Who has shown that it can sign may share its address with others.
        let isKnown = known.withLock { $0[pair] } != nil
        var attempt = Attempt(counted: [], pair: pair, isKnown: isKnown)
        if isKnown { return attempt }
        // The first from an address is always looked at: it may be the sender's, from a new one.
        let isFirst = try count(
            &attempt, in: pair, limits.webhookRefusalsPerSourceMax, "this address")
        if !isFirst {
            try count(&attempt, in: webhookID, limits.webhookRefusalsMax, "strangers")
        }
        return attempt
    }

    /// It verified.
    func verified(_ attempt: Attempt) {
        attempt.counted.forEach(rates.takenBack)
        known.withLock { $0[attempt.pair] = () }
    }

    /// - Returns: whether it is the only one that counts at this time.
    @discardableResult
    private func count(
        _ attempt: inout Attempt, in name: String, _ perMinute: Int, _ whose: String
    ) throws(OperationError) -> Bool {
        let perMinute = max(perMinute, 1)
        switch rates.called(name, perMinute: perMinute) {
        case .allowed(let status):
            attempt.counted.append(name)
            return status.remaining == perMinute - 1
        case .refused(_, let retryAfter):
            attempt.counted.forEach(rates.takenBack)
            throw OperationError(
                .resourceExhausted, reason: "RATE_LIMITED",
                "more than \(perMinute) deliveries of \(whose) a minute did not verify; try again "
                    + "later",
                retryAfter: retryAfter)
        }
    }
}
