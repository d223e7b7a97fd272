internal import Model

/// How many calls one caller may still make: a value. The bucket holds a minute's calls and fills
/// evenly.
struct TokenBucket: Sendable, Equatable {
    /// One call.
    private static let unit: Int64 = 1_000_000
    private static let minute: Int64 = 60_000_000

    private let perMinute: Int64
    /// In millionths of a call.
    private var level: Int64
    private var filledAt: WallTime

    /// A full bucket.
    init(perMinute: Int, now: WallTime) {
        self.perMinute = Int64(perMinute)
        level = Int64(perMinute) * Self.unit
        filledAt = now
    }

    /// Whether it has that size.
    func has(perMinute: Int) -> Bool { self.perMinute == perMinute }

    /// What to do with a call.
    enum OnCall: Equatable {
        case allowed(RateStatus)
        case refused(RateStatus, retryAfter: Duration)
    }

    /// A call came.
    mutating func called(now: WallTime) -> OnCall {
        // A clock that was put back fills nothing.
        let elapsed = min(max(now.microseconds - filledAt.microseconds, 0), Self.minute)
        // What a microsecond brings is perMinute / 60 millionths; the rest of the division stays due.
        let brought = elapsed * perMinute / 60
        if brought > 0 || now < filledAt { filledAt = now }
        level = min(level + brought, perMinute * Self.unit)
        guard level >= Self.unit else {
            let missing = Self.unit - level
            return .refused(
                status(now), retryAfter: .microseconds((missing * 60 + perMinute - 1) / perMinute))
        }
        level -= Self.unit
        return .allowed(status(now))
    }

    /// A call that was allowed is not to be counted.
    mutating func takenBack() { level = min(level + Self.unit, perMinute * Self.unit) }

    private func status(_ now: WallTime) -> RateStatus {
        let missing = perMinute * Self.unit - level
        return RateStatus(
            limit: Int(perMinute), remaining: Int(level / Self.unit),
            resetsAt: now.advanced(by: .microseconds(missing * 60 / perMinute)))
    }
}
