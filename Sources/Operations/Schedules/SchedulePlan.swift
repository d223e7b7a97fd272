internal import Messages
internal import Model
internal import ProtobufRuntime

/// When a schedule fires, as a value: no clock, no store.
struct SchedulePlan: Sendable {
    private let cron: CronSchedule
    private let zone: TimeZoneRules
    private let start: WallTime?
    private let end: WallTime?
    private let catchUpWindow: Duration
    private let catchUpMax: Int
    /// How long after each nominal time it fires.
    let delay: Duration

    /// - Throws: what is wrong with the expression.
    /// - Parameter scheduleID: decides where within the jitter it fires.
    init(_ spec: ScheduleSpec, scheduleID: String) throws(CronError) {
        cron = try CronSchedule(parsing: spec.cron)
        guard let zone = TimeZoneRules(identifier: spec.timeZone.isEmpty ? "UTC" : spec.timeZone)
        else { throw CronError(position: 1, "the time zone '\(spec.timeZone)' is unknown") }
        self.zone = zone
        start = spec.startTime.map(WallTime.init)
        end = spec.endTime.map(WallTime.init)
        catchUpWindow = spec.catchUpWindow?.duration ?? ScheduleDefaults.catchUpWindow
        catchUpMax = spec.catchUpMax == 0 ? ScheduleDefaults.catchUpMax : Int(spec.catchUpMax)
        let jitter = spec.jitter?.duration.milliseconds ?? 0
        delay = .milliseconds(
            jitter == 0 ? 0 : Int64(Self.hash(scheduleID) % UInt64(jitter)))
    }

    /// FNV-1a: the same in every process, which Swift's own hash is not.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// The first nominal time after an instant.
    func next(after instant: WallTime) -> WallTime? {
        var instant = instant
        if let start, instant < start { instant = start.advanced(by: .microseconds(-1)) }
        guard let next = cron.next(after: instant, in: zone), end.map({ next < $0 }) ?? true
        else { return nil }
        return next
    }

    /// When the first nominal time after an instant is to be fired.
    func nextFire(after instant: WallTime) -> WallTime? {
        next(after: instant)?.advanced(by: delay)
    }

    /// The next nominal times, at most `count`.
    func times(after instant: WallTime, count: Int) -> [WallTime] {
        times(after: instant, through: nil, count: count)
    }

    private func times(after instant: WallTime, through last: WallTime?, count: Int) -> [WallTime] {
        var times: [WallTime] = []
        var instant = instant
        while times.count < count, let next = next(after: instant), last.map({ next <= $0 }) ?? true
        {
            times.append(next)
            instant = next
        }
        return times
    }

    /// The nominal times from `first` on and before `end`, at most `count`.
    func times(from first: WallTime, before end: WallTime, count: Int) -> [WallTime] {
        times(
            after: first.advanced(by: .microseconds(-1)),
            through: end.advanced(by: .microseconds(-1)), count: count)
    }

    /// What is to be done at an instant.
    struct Due: Equatable {
        /// Nominal times that nobody fired in time: the first, and an instant up to which all are.
        var missed: (first: WallTime, through: WallTime)?
        /// To be fired, oldest first.
        var fires: [WallTime] = []

        static func == (left: Due, right: Due) -> Bool {
            left.missed?.first == right.missed?.first
                && left.missed?.through == right.missed?.through && left.fires == right.fires
        }
    }

    /// What of the nominal times after `decided` is to be done now.
    func due(after decided: WallTime, at now: WallTime) -> Due {
        let newest = now.advanced(by: .zero - delay)
        guard let first = next(after: decided), first <= newest else { return Due() }
        let oldest = max(
            decided, newest.advanced(by: .zero - catchUpWindow).advanced(by: .microseconds(-1)))
        let fires = newestTimes(after: oldest, through: newest)
        var due = Due(missed: nil, fires: fires)
        if fires.first != first {
            due.missed = (first, fires.first.map { $0.advanced(by: .microseconds(-1)) } ?? newest)
        }
        return due
    }

    /// The newest `catchUpMax` times. Looks back further and further, so that the times of a year
    /// need not be counted for the last ten.
    private func newestTimes(after oldest: WallTime, through newest: WallTime) -> [WallTime] {
        var span = Duration.seconds(60)
        while true {
            let start = max(oldest, newest.advanced(by: .zero - span))
            let times = times(after: start, through: newest, count: .max)
            if times.count >= catchUpMax || start == oldest {
                return Array(times.suffix(catchUpMax))
            }
            span = span * 2
        }
    }
}

/// What a schedule does where its author says nothing.
enum ScheduleDefaults {
    static let catchUpWindow = Duration.seconds(3_600)
    static let catchUpMax = 10
    static let bufferMax = 100
}

extension Duration {
    /// Whole ones.
    var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
