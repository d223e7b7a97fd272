/// The days that a cron expression takes: its fields for the day of the month, the month and the day
/// of the week.
struct CronDays: Sendable, Equatable {
    /// A day of the month that counts from its end or looks for a weekday.
    enum Special: Sendable, Equatable {
        /// `L`, `L-3`: so many days before the last.
        case beforeLast(Int)
        /// `15W`: the weekday (Monday to Friday) nearest to it, in the same month.
        case nearestWeekday(Int)
        /// `LW`: the last weekday.
        case lastWeekday
        /// `5L`: the last such day of the week.
        case last(weekday: Int)
        /// `5#3`: the third such day of the week; no day where the month has none.
        case nth(weekday: Int, Int)
    }

    private var daysOfMonth: UInt64 = 0
    private var months: UInt64 = 0
    private var daysOfWeek: UInt64 = 0
    private var specialDaysOfMonth: [Special] = []
    private var specialDaysOfWeek: [Special] = []
    /// Whether a day need only satisfy one of the two day fields: where neither begins with `*` or
    /// is `?`, as in every cron since 1979.
    private var isEither = false

    init(dayOfMonth: CronField.Text, month: CronField.Text, dayOfWeek: CronField.Text)
        throws(CronError)
    {
        for element in month.split(",") { months |= try CronField.month.values(element) }
        for element in dayOfMonth.split(",") {
            if let special = try Self.specialDayOfMonth(element) {
                specialDaysOfMonth.append(special)
            } else {
                daysOfMonth |= try CronField.dayOfMonth.values(element, allowsQuestionMark: true)
            }
        }
        for element in dayOfWeek.split(",") {
            if let special = try Self.specialDayOfWeek(element) {
                specialDaysOfWeek.append(special)
            } else {
                daysOfWeek |= try CronField.dayOfWeek.values(element, allowsQuestionMark: true)
            }
        }
        isEither = !Self.isOpen(dayOfMonth) && !Self.isOpen(dayOfWeek)
    }

    private static func isOpen(_ text: CronField.Text) -> Bool {
        text.characters.first == UInt8(ascii: "*") || text.text == "?"
    }

    /// `L`, `L-3`, `15W`, `LW`; nil for anything without these letters.
    private static func specialDayOfMonth(_ element: CronField.Text) throws(CronError) -> Special? {
        let text = element.text
        if text == "L" { return .beforeLast(0) }
        if text == "LW" || text == "WL" { return .lastWeekday }
        if text.hasPrefix("L-") {
            guard let number = CronField.number(element.characters.dropFirst(2)), number <= 30
            else {
                throw element.fault(
                    "day of the month: expected 'L-' and 0-30, got '\(text)'")
            }
            return .beforeLast(number)
        }
        guard text.hasSuffix("W") else { return nil }
        let day = element[0..<(element.characters.count - 1)]
        return .nearestWeekday(try CronField.dayOfMonth.value(day))
    }

    /// `5L`, `FRIL`, `5#3`, `FRI#3`; nil for anything else.
    private static func specialDayOfWeek(_ element: CronField.Text) throws(CronError) -> Special? {
        let field = CronField.dayOfWeek
        let parts = element.split("#")
        if parts.count == 2 {
            guard let number = CronField.number(parts[1].characters), (1...5).contains(number)
            else {
                throw parts[1].fault(
                    "day of the week: expected 1-5 after '#', got '\(parts[1].text)'")
            }
            return .nth(weekday: try field.value(parts[0]) % 7, number)
        }
        guard element.characters.count > 1, element.characters.last == UInt8(ascii: "L") else {
            return nil
        }
        let weekday = element[0..<(element.characters.count - 1)]
        return .last(weekday: try field.value(weekday) % 7)
    }

    /// Whether it takes that day.
    func contains(_ date: CivilDate) -> Bool {
        let (year, month, day) = date.parts
        guard months >> UInt64(month) & 1 == 1 else { return false }
        let isOfMonth =
            daysOfMonth >> UInt64(day) & 1 == 1
            || specialDaysOfMonth.contains { Self.contains($0, date, year, month, day) }
        if isEither, isOfMonth { return true }
        if !isEither, !isOfMonth { return false }
        return daysOfWeek >> UInt64(date.weekday) & 1 == 1
            || specialDaysOfWeek.contains { Self.contains($0, date, year, month, day) }
    }

    private static func contains(
        _ special: Special, _ date: CivilDate, _ year: Int64, _ month: Int, _ day: Int
    ) -> Bool {
        let last = CivilDate.daysIn(month: month, year: year)
        switch special {
        case .beforeLast(let count):
            return day == last - count
        case .nearestWeekday(let wanted):
            return wanted <= last
                && day == nearestWeekday(to: wanted, last, CivilDate(days: date.days - Int64(day)))
        case .lastWeekday:
            return day == nearestWeekday(to: last, last, CivilDate(days: date.days - Int64(day)))
        case .last(let weekday):
            return date.weekday == weekday && day > last - 7
        case .nth(let weekday, let number):
            return date.weekday == weekday && (day + 6) / 7 == number
        }
    }

    /// - Parameter eve: the day before the month.
    private static func nearestWeekday(to day: Int, _ last: Int, _ eve: CivilDate) -> Int {
        switch CivilDate(days: eve.days + Int64(day)).weekday {
        case 6: day > 1 ? day - 1 : day + 2
        case 0: day < last ? day + 1 : day - 2
        default: day
        }
    }
}
