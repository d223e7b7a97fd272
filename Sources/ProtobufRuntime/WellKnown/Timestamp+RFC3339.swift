/// The text form of instants (RFC 3339), as proto3 JSON has it.
extension Timestamp {
    /// For example `2026-01-02T03:04:05.600Z`: UTC, with no, three, six or nine digits of a second.
    /// An instant that is not valid is shown as the nearest that is.
    public var rfc3339: String {
        let clamped = min(max(seconds, Self.firstSecond), Self.lastSecond)
        let (day, second) = clamped.flooredDivision(by: 86_400)
        let (year, month, dayOfMonth) = Self.civilDate(daysSinceEpoch: day)
        let date = "\(digits(year, 4))-\(digits(month, 2))-\(digits(dayOfMonth, 2))"
        let time =
            "\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
        let fraction = fractionText(nanos: min(max(nanos, 0), 999_999_999))
        return "\(date)T\(time)\(fraction)Z"
    }

    /// An instant from its text, with `Z` or an offset; digits beyond the ninth must not be there.
    /// nil for anything else, and outside years 1 to 9999. A leap second is refused.
    public init?(rfc3339 text: String) {
        var scanner = TextScanner(text)
        guard let year = scanner.number(digits: 4), scanner.take("-"),
            let month = scanner.number(digits: 2), scanner.take("-"),
            let day = scanner.number(digits: 2), scanner.take("T", "t"),
            let hour = scanner.number(digits: 2), scanner.take(":"),
            let minute = scanner.number(digits: 2), scanner.take(":"),
            let second = scanner.number(digits: 2),
            (1...9999).contains(year), (1...12).contains(month),
            (1...Self.length(ofMonth: month, year: year)).contains(day),
            hour < 24, minute < 60, second < 60,
            let nanos = scanner.fraction(), let offset = scanner.offset(), scanner.isAtEnd
        else { return nil }
        let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        self.init(
            seconds: days * 86_400 + hour * 3600 + minute * 60 + second - offset, nanos: nanos)
        guard isValid else { return nil }
    }

    private static func isLeap(_ year: Int64) -> Bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    private static func length(ofMonth month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the Gregorian calendar. Years are counted from March, so that the
    /// leap day is a year's last and a month's first day is a linear function of its place.
    private static func daysSinceEpoch(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shifted.flooredDivision(by: 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The inverse of `daysSinceEpoch`.
    private static func civilDate(daysSinceEpoch days: Int64) -> (Int64, Int64, Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let place = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * place + 2) / 5 + 1
        let month = place < 10 ? place + 3 : place - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

/// A number with leading zeros.
private func digits(_ value: Int64, _ count: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, count - text.count)) + text
}

/// `.500`, `.000500` or `.000000500`; nothing for 0.
func fractionText(nanos: Int32) -> String {
    let nanos = Int64(nanos)
    if nanos == 0 { return "" }
    if nanos % 1_000_000 == 0 { return "." + digits(nanos / 1_000_000, 3) }
    if nanos % 1000 == 0 { return "." + digits(nanos / 1000, 6) }
    return "." + digits(nanos, 9)
}
