package import NIOCore

/// Judges how often a client pings (grpc/proposal A8). A value; the time is given.
///
/// Every ping is acknowledged. One that comes sooner than allowed after the last good one is a
/// strike; writing HEADERS or DATA clears strikes and clock, because clients ping to measure the
/// bandwidth of what they receive.
package struct PingPolicy: Sendable {
    /// What is allowed.
    package struct Limits: Sendable, Equatable {
        /// Between pings while a call is open.
        package var interval = TimeAmount.minutes(5)
        /// Between pings while none is.
        package var intervalWithoutCalls = TimeAmount.hours(2)
        /// So many pings that come too soon are forgiven.
        package var strikesMax = 2

        package init() {}
    }

    private let limits: Limits
    private var lastGoodPing: NIODeadline?
    private var strikes = 0

    package init(_ limits: Limits) {
        self.limits = limits
    }

    /// A ping came.
    /// - Returns: whether it is tolerated; if not, the connection ends with ENHANCE_YOUR_CALM and
    ///   `too_many_pings`.
    package mutating func receivedPing(now: NIODeadline, hasCalls: Bool) -> Bool {
        let interval = hasCalls ? limits.interval : limits.intervalWithoutCalls
        guard let last = lastGoodPing, now - last < interval else {
            lastGoodPing = now
            return true
        }
        strikes += 1
        return strikes <= limits.strikesMax
    }

    /// HEADERS or DATA were really written.
    package mutating func wroteCallFrame() {
        lastGoodPing = nil
        strikes = 0
    }
}
