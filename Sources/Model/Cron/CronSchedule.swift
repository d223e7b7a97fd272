/// The times of a cron expression: a pure value, which knows no clock and no place.
///
/// ```
/// [second] minute hour day-of-month month day-of-week
///          0-59   0-23 1-31 L L-3   1-12  0-7 (0 and 7: Sunday)
///                      15W LW       JAN-  SUN-SAT 5L 5#3
///          *  a  a-b  */n  a/n  a-b/n  and lists of them with commas; ? for either day field
/// @yearly @annually @monthly @weekly @daily @midnight @hourly
/// ```
///
/// Its times are local times of the zone it is asked in. Where a zone's clocks are set:
///
/// - An hour field that begins with `*` means an interval: what the clocks skip is skipped, what they
///   show twice is taken twice, so that the real time between the times stays the same.
/// - Any other hour field means a time of the day: what is skipped is taken once, at the instant at
///   which the clocks are set; what is shown twice is taken the first time only. A gap of more than
///   three hours is no summer time but a day that was left out, and what it held with it.
///
/// This is the rule of the cron of Debian and macOS (ISC cron, `man 8 cron`).
package struct CronSchedule: Sendable, Equatable {
    /// Longer expressions are refused.
    package static let textBytesMax = 256
    /// How far ahead `next` looks: all of February 29s that are a Monday, and 1900 or 2100 between.
    private static let daysMax: Int64 = 50 * 366
    private static let secondsPerDay: Int64 = 86_400
    /// The longest gap that counts as summer time.
    private static let gapMax: Int64 = 3 * 3_600

    private let seconds: UInt64
    private let minutes: UInt64
    private let hours: UInt64
    private let days: CronDays
    /// Whether it means an interval rather than times of the day.
    private let isInterval: Bool

    private static let nicknames = [
        "@YEARLY": "0 0 1 1 *", "@ANNUALLY": "0 0 1 1 *", "@MONTHLY": "0 0 1 * *",
        "@WEEKLY": "0 0 * * 0", "@DAILY": "0 0 * * *", "@MIDNIGHT": "0 0 * * *",
        "@HOURLY": "0 * * * *",
    ]

    /// Reads an expression of five or six fields, or a nickname.
    /// - Throws: the first thing that is wrong, with its position.
    package init(parsing text: String) throws(CronError) {
        guard text.utf8.count <= Self.textBytesMax else {
            throw CronError(
                position: Self.textBytesMax + 1,
                "expected at most \(Self.textBytesMax) bytes, got \(text.utf8.count)")
        }
        let fields = try Self.fields(text)
        var rest = fields[...]
        var seconds: UInt64 = 1
        if fields.count == 6, let field = rest.popFirst() {
            seconds = try Self.values(.second, field)
        }
        let first = rest.startIndex
        self.seconds = seconds
        minutes = try Self.values(.minute, rest[first])
        hours = try Self.values(.hour, rest[first + 1])
        isInterval = rest[first + 1].characters.first == UInt8(ascii: "*")
        days = try CronDays(
            dayOfMonth: rest[first + 2], month: rest[first + 3], dayOfWeek: rest[first + 4])
    }

    private static func fields(_ text: String) throws(CronError) -> [CronField.Text] {
        var fields: [CronField.Text] = []
        var start: Int?
        let bytes = Array(text.utf8)
        for (index, byte) in (bytes + [UInt8(ascii: " ")]).enumerated() {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"):
                if let first = start {
                    let field = bytes[first..<index].map { byte in
                        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte - 32 : byte
                    }
                    fields.append(CronField.Text(characters: field, position: first + 1))
                }
                start = nil
            default:
                start = start ?? index
            }
        }
        if fields.count == 1, let field = fields.first, field.characters.first == UInt8(ascii: "@")
        {
            guard let meaning = nicknames[field.text] else {
                throw field.fault(
                    "expected \(nicknames.keys.sorted().joined(separator: ", ").lowercased()), got "
                        + "'\(field.text.lowercased())'")
            }
            return try Self.fields(meaning)
        }
        guard (5...6).contains(fields.count) else {
            throw CronError(
                position: fields.count > 6 ? fields[6].position : max(1, bytes.count),
                "expected 5 fields (minute hour day-of-month month day-of-week), or 6 with the "
                    + "seconds first, got \(fields.count)")
        }
        return fields
    }

    private static func values(_ field: CronField, _ text: CronField.Text) throws(CronError)
        -> UInt64
    {
        var values: UInt64 = 0
        for element in text.split(",") { values |= try field.values(element) }
        return values
    }

    // MARK: Times

    /// 9999-12-31T23:59:59Z: no later time can be said.
    private static let lastSecond: Int64 = 253_402_300_799

    /// The first time after `instant`, a whole second; nil if there is none within 50 years, or before
    /// the end of the year 9999.
    package func next(after instant: WallTime, in zone: TimeZoneRules) -> WallTime? {
        let after = floorDivide(instant.microseconds, 1_000_000)
        let today = floorDivide(after + zone.offset(at: after), Self.secondsPerDay)
        var found: Int64?
        // From the day before: a day that the clocks are set back into may come again.
        for day in (today - 1)...(today + Self.daysMax) {
            let date = CivilDate(days: day)
            if days.contains(date), let time = first(of: date, after: after, zone) {
                found = min(found ?? time, time)
                // The next day too may begin before this one has come again.
                if day > today { break }
            } else if found != nil, day > today + 1 {
                break
            }
        }
        guard let found, found <= Self.lastSecond else { return nil }
        return WallTime(microseconds: found * 1_000_000)
    }

    /// The next times after `instant`, at most `count`, and none more than 50 years after it: what the
    /// search costs is bounded however seldom the times are.
    package func times(after instant: WallTime, count: Int, in zone: TimeZoneRules) -> [WallTime] {
        var times: [WallTime] = []
        let horizon = instant.advanced(by: .seconds(Self.daysMax * Self.secondsPerDay))
        var instant = instant
        while times.count < count, let next = next(after: instant, in: zone), next <= horizon {
            times.append(next)
            instant = next
        }
        return times
    }

    /// The first time of a local day after an instant.
    private func first(of date: CivilDate, after: Int64, _ zone: TimeZoneRules) -> Int64? {
        let midnight = date.days * Self.secondsPerDay
        // No place is further from UTC than 15 hours; the hours beyond show what was before.
        let end = midnight + Self.secondsPerDay + 16 * 3_600
        var start = midnight - 20 * 3_600
        var offset = zone.offset(at: start)
        var before = offset
        while start < end {
            let (change, nextOffset) = Self.change(after: start, before: end, zone, offset)
            if let time = first(
                of: midnight, after: after,
                in: Stretch(
                    start: start, end: change, offset: offset, before: before))
            {
                return time
            }
            (start, before, offset) = (change, offset, nextOffset)
        }
        return nil
    }

    /// A time during which local time runs evenly.
    private struct Stretch {
        let start: Int64
        let end: Int64
        let offset: Int64
        /// The offset until `start`.
        let before: Int64
    }

    private func first(of midnight: Int64, after: Int64, in stretch: Stretch) -> Int64? {
        let gap = stretch.offset - stretch.before
        var local = max(stretch.start, after + 1) + stretch.offset
        if !isInterval, gap > 0, gap <= Self.gapMax, stretch.start > after,
            let skipped = timeOfDay(from: max(0, stretch.start + stretch.before - midnight)),
            midnight + skipped < stretch.start + stretch.offset,
            stretch.start + stretch.before < midnight + Self.secondsPerDay
        {
            return stretch.start
        }
        // What the clocks show again was taken the first time.
        if !isInterval, gap < 0 { local = max(local, stretch.start + stretch.before) }
        guard local < midnight + Self.secondsPerDay,
            let time = timeOfDay(from: max(0, local - midnight))
        else { return nil }
        let instant = midnight + time - stretch.offset
        return instant < stretch.end ? instant : nil
    }

    /// When the offset changes between two instants, to the second; the second instant if it does
    /// not. Two changes within these two days would be taken for none; no zone has had them.
    private static func change(
        after start: Int64, before end: Int64, _ zone: TimeZoneRules, _ offset: Int64
    ) -> (instant: Int64, offset: Int64) {
        let last = zone.offset(at: end)
        guard last != offset else { return (end, offset) }
        var low = start
        var high = end
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if zone.offset(at: middle) == offset { low = middle } else { high = middle }
        }
        return (high, zone.offset(at: high))
    }

    /// The first time of the day from that second on.
    private func timeOfDay(from second: Int64) -> Int64? {
        guard second < Self.secondsPerDay else { return nil }
        let (hour, minute, rest) = (
            Int(second / 3_600), Int(second / 60 % 60), Int(second % 60)
        )
        if hours >> UInt64(hour) & 1 == 1 {
            if minutes >> UInt64(minute) & 1 == 1, let found = Self.next(seconds, from: rest) {
                return Int64(hour * 3_600 + minute * 60 + found)
            }
            if let found = Self.next(minutes, from: minute + 1) {
                return Int64(hour * 3_600 + found * 60) + Self.first(seconds)
            }
        }
        guard let found = Self.next(hours, from: hour + 1) else { return nil }
        return Int64(found * 3_600) + Self.first(minutes) * 60 + Self.first(seconds)
    }

    /// The lowest value from `low` on.
    private static func next(_ values: UInt64, from low: Int) -> Int? {
        let rest = (values >> UInt64(low)) << UInt64(low)
        return rest == 0 ? nil : rest.trailingZeroBitCount
    }

    private static func first(_ values: UInt64) -> Int64 { Int64(values.trailingZeroBitCount) }
}
