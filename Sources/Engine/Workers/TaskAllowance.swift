internal import Model

/// How many tasks of a queue may still be handed out: a value. It holds a minute's worth and fills evenly.
struct TaskAllowance: Sendable, Equatable {
    /// One task.
    private static let unit: Int64 = 1_000_000
    private static let minute: Int64 = 60_000_000

    let perMinute: Int64
    /// In millionths of a task.
    private var level: Int64
    private var filledAt: WallTime

    /// A full one.
    init(perMinute: Int32, at now: WallTime) {
        self.perMinute = Int64(perMinute)
        level = Int64(perMinute) * Self.unit
        filledAt = now
    }

    /// When the next task may be handed out; nil: now.
    mutating func readyAt(_ now: WallTime) -> WallTime? {
        // A clock that was put back fills nothing.
        let elapsed = min(max(now.microseconds - filledAt.microseconds, 0), Self.minute)
        let brought = elapsed * perMinute / 60
        if brought > 0 || now < filledAt { filledAt = now }
        level = min(level + brought, perMinute * Self.unit)
        guard level < Self.unit else { return nil }
        let missing = Self.unit - level
        return now.advanced(by: .microseconds((missing * 60 + perMinute - 1) / perMinute))
    }

    mutating func take() { level -= Self.unit }
}
