internal import NIOCore

/// Decides how long a client that was answered before it had sent everything is still heard: some read
/// their answer only once they were let finish, and lose it if the connection ends before (RFC 9112,
/// section 9.6). As long as it goes on sending, up to a bound. A value; its owner keeps the timer.
struct Lingering {
    private let patience: TimeAmount
    private let end: NIODeadline
    private var hasHeard = false

    init(_ limits: HTTPLimits, now: NIODeadline) {
        patience = TimeAmount(limits.lingerTimeout)
        end = now + TimeAmount(limits.lingerTimeMax)
    }

    /// The client sent something.
    mutating func heard() { hasHeard = true }

    /// How long to wait before asking again; nil: it is over. To be asked when the wait that it gave
    /// last is over.
    mutating func nextWait(now: NIODeadline) -> TimeAmount? {
        defer { hasHeard = false }
        return hasHeard && now < end ? min(patience, end - now) : nil
    }

    /// The first wait.
    var firstWait: TimeAmount { patience }
}
