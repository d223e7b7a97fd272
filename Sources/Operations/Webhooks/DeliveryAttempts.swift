internal import Model
internal import Synchronization

/// Bounds what strangers can make the server look at: a delivery is counted before anything of it is
/// hashed, and taken back once it verifies. So a sender that can sign is bounded by its webhook's own
/// rate alone, also where somebody else tries without end. Safe to use from any task.
final class DeliveryAttempts: Sendable {
    /// One delivery that was let in to be verified.
    struct Attempt {
        /// Buckets that it was counted in.
        fileprivate var counted: [String]
        fileprivate let pair: String
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
        var attempt = Attempt(counted: [], pair: pair)
        try count(&attempt, in: pair, limits.webhookRefusalsPerSourceMax, "this address")
        // Many strangers together do not shut out who has shown that it can sign.
        if known.withLock({ $0[pair] }) == nil {
            try count(&attempt, in: webhookID, limits.webhookRefusalsMax, "strangers")
        }
        return attempt
    }

    /// It verified.
    func verified(_ attempt: Attempt) {
        attempt.counted.forEach(rates.takenBack)
        known.withLock { $0[attempt.pair] = () }
    }

    private func count(
        _ attempt: inout Attempt, in name: String, _ perMinute: Int, _ whose: String
    ) throws(OperationError) {
        switch rates.called(name, perMinute: max(perMinute, 1)) {
        case .allowed:
            attempt.counted.append(name)
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
