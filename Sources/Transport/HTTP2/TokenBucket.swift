package import NIOCore

/// Tells a burst from a flood: `burst` tokens, refilled at a steady rate. A value; the time is given.
package struct TokenBucket: Sendable {
    /// The size of a bucket and how fast it fills.
    package struct Limits: Sendable, Equatable {
        package var burst: Int64
        package var perSecond: Int64

        package init(burst: Int64, perSecond: Int64) {
            self.burst = burst
            self.perSecond = perSecond
        }
    }

    private let limits: Limits
    // In tokens times nanoseconds, so that slow rates lose nothing to rounding.
    private var level: Int64
    private var filledAt: NIODeadline
    private static let unit: Int64 = 1_000_000_000

    /// A full bucket.
    package init(_ limits: Limits, now: NIODeadline) {
        self.limits = limits
        level = limits.burst * Self.unit
        filledAt = now
    }

    /// Takes a token; false if there is none.
    package mutating func take(now: NIODeadline) -> Bool {
        let elapsed = max((now - filledAt).nanoseconds, 0)
        filledAt = now
        let full = limits.burst * Self.unit
        let (refill, isHuge) = elapsed.multipliedReportingOverflow(by: limits.perSecond)
        level = isHuge ? full : min(full, level + min(refill, full))
        guard level >= Self.unit else { return false }
        level -= Self.unit
        return true
    }
}
