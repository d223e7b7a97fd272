import Foundation
import Testing

@testable import Model

struct CronScheduleTests {
    /// The next times after an instant, as text.
    private func times(
        _ cron: String, after: String, _ count: Int, zone: String = "UTC"
    ) throws -> [String] {
        let rules = try #require(TimeZoneRules(identifier: zone))
        let style = Date.ISO8601FormatStyle()
        let start = try style.parse(after).timeIntervalSince1970
        return try CronSchedule(parsing: cron).times(
            after: WallTime(microseconds: Int64(start) * 1_000_000), count: count, in: rules
        ).map {
            Date(timeIntervalSince1970: Double($0.microseconds) / 1e6).formatted(style)
        }
    }

    // MARK: Fields

    struct Case: Sendable, CustomTestStringConvertible {
        let cron: String
        let after: String
        let expected: [String]
        var testDescription: String { cron }

        init(_ cron: String, _ after: String, _ expected: String...) {
            self.cron = cron
            self.after = after
            self.expected = expected
        }
    }

    @Test(arguments: [
        Case(
            "*/15 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z"),
        Case(
            "*/20 * * * * *", "2026-01-01T00:00:40Z", "2026-01-01T00:01:00Z",
            "2026-01-01T00:01:20Z"),
        Case(
            "0 9-17/4 * * MON-FRI", "2026-01-02T13:00:00Z", "2026-01-02T17:00:00Z",
            "2026-01-05T09:00:00Z"),
        Case(
            "5/20 0 1 jan,JUL ?", "2026-01-01T00:05:00Z", "2026-01-01T00:25:00Z",
            "2026-01-01T00:45:00Z", "2026-07-01T00:05:00Z"),
        Case("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"),
        Case("0 0 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z"),
        Case(
            "0 0 * * 5-7", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z",
            "2026-01-04T00:00:00Z", "2026-01-09T00:00:00Z"),
        // Either day field suffices where both say something.
        Case(
            "0 0 13 * FRI", "2026-02-01T00:00:00Z", "2026-02-06T00:00:00Z",
            "2026-02-13T00:00:00Z", "2026-02-20T00:00:00Z", "2026-02-27T00:00:00Z",
            "2026-03-06T00:00:00Z", "2026-03-13T00:00:00Z"),
        // Both must where one begins with a star.
        Case(
            "0 0 */2 * MON", "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z",
            "2026-01-19T00:00:00Z"),
        Case("0 0 L * *", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"),
        Case("0 0 L-2 * *", "2026-02-01T00:00:00Z", "2026-02-26T00:00:00Z"),
        // 15 August 2026 is a Saturday, 15 November a Sunday, 1 August a Saturday.
        Case(
            "0 0 15W 8,11 *", "2026-01-01T00:00:00Z", "2026-08-14T00:00:00Z",
            "2026-11-16T00:00:00Z"),
        Case("0 0 1W 8 *", "2026-01-01T00:00:00Z", "2026-08-03T00:00:00Z"),
        // 31 May 2026 is a Sunday.
        Case("0 0 LW 5 *", "2026-01-01T00:00:00Z", "2026-05-29T00:00:00Z"),
        Case(
            "0 0 31W 5,6 *", "2026-01-01T00:00:00Z", "2026-05-29T00:00:00Z",
            "2027-05-31T00:00:00Z"),
        Case(
            "0 0 ? * FRIL", "2026-01-01T00:00:00Z", "2026-01-30T00:00:00Z",
            "2026-02-27T00:00:00Z"),
        Case("0 0 * * 1#1", "2026-01-05T00:00:00Z", "2026-02-02T00:00:00Z"),
        // Months without a fifth Thursday are left out.
        Case(
            "0 0 * * THU#5", "2026-01-01T00:00:00Z", "2026-01-29T00:00:00Z",
            "2026-04-30T00:00:00Z", "2026-07-30T00:00:00Z"),
        Case("@daily", "2026-01-01T12:00:00Z", "2026-01-02T00:00:00Z"),
        Case("@Weekly", "2026-01-01T12:00:00Z", "2026-01-04T00:00:00Z"),
    ])
    func `an expression gives its times`(_ example: Case) throws {
        #expect(
            try times(example.cron, after: example.after, example.expected.count)
                == example.expected)
    }

    @Test(arguments: [
        ("", 1, "expected 5 fields"),
        ("* * * *", 7, "expected 5 fields"),
        ("* * * * * * *", 13, "got 7"),
        ("60 * * * *", 1, "minute: expected 0-59, got '60'"),
        ("* 24 * * *", 3, "hour: expected 0-23, got '24'"),
        ("0 0 0 * *", 5, "day of the month: expected 1-31, got '0'"),
        ("0 0 * FOO *", 7, "month: expected 1-12 or JAN-DEC, got 'FOO'"),
        ("0 0 * * 8", 9, "day of the week: expected 0-7 or SUN-SAT, got '8'"),
        ("1,2,x * * * *", 5, "minute: expected 0-59, got 'X'"),
        ("*/0 * * * *", 3, "a step of 1 to 60"),
        ("30-10 * * * *", 1, "a range that grows"),
        ("1-2-3 * * * *", 1, "one '-' at most"),
        ("1/2/3 * * * *", 1, "one '/' at most"),
        ("? * * * *", 1, "minute: expected 0-59, got '?'"),
        ("0 0 L-31 * *", 5, "'L-' and 0-30"),
        ("0 0 * * 1#6", 11, "1-5 after '#'"),
        ("0 0 32W * *", 5, "day of the month"),
        ("0 0 * L *", 7, "month"),
        ("-1 * * * *", 1, "minute"),
        ("1e1 * * * *", 1, "minute"),
        ("@often", 1, "@hourly"),
        (String(repeating: "1,", count: 200), 257, "at most 256 bytes"),
    ])
    func `what is wrong is told with its position`(
        _ cron: String, _ position: Int, _ message: String
    ) {
        do throws(CronError) {
            _ = try CronSchedule(parsing: cron)
            Issue.record("'\(cron)' was taken")
        } catch {
            #expect(error.position == position, "\(error)")
            #expect(error.message.contains(message), "\(error)")
        }
    }

    @Test func `an expression without any time has none`() throws {
        #expect(try times("0 0 31 2 *", after: "2026-01-01T00:00:00Z", 1) == [])
        #expect(try times("0 0 30 2,4 *", after: "2026-05-01T00:00:00Z", 1).count == 1)
    }

    // MARK: Clocks that are set

    // Berlin, 29 March 2026: 02:00 is 03:00, at 01:00Z. 25 October 2026: 03:00 is 02:00, at 01:00Z.
    @Test func `a time of the day that is skipped is taken when the clocks are set`() throws {
        #expect(
            try times("30 2 * * *", after: "2026-03-27T12:00:00Z", 3, zone: "Europe/Berlin")
                == ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"])
    }

    @Test func `several that are skipped are taken once, and what follows is not repeated`() throws
    {
        #expect(
            try times("0,30 2,3 * * *", after: "2026-03-29T00:00:00Z", 3, zone: "Europe/Berlin")
                == ["2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:00:00Z"])
    }

    @Test func `a time of the day that comes twice is taken once`() throws {
        #expect(
            try times("30 2 * * *", after: "2026-10-24T12:00:00Z", 2, zone: "Europe/Berlin")
                == ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"])
    }

    @Test func `an interval goes on evenly when the clocks are set`() throws {
        #expect(
            try times("*/30 * * * *", after: "2026-03-29T00:00:00Z", 4, zone: "Europe/Berlin")
                == [
                    "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z",
                    "2026-03-29T02:00:00Z",
                ])
        #expect(
            try times("*/30 * * * *", after: "2026-10-25T00:00:00Z", 4, zone: "Europe/Berlin")
                == [
                    "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z",
                    "2026-10-25T02:00:00Z",
                ])
    }

    // 8 March 2026: 02:00 is 03:00, at 07:00Z. 1 November 2026: 02:00 is 01:00, at 06:00Z.
    @Test func `New York`() throws {
        #expect(
            try times("15 2 * * *", after: "2026-03-08T00:00:00Z", 2, zone: "America/New_York")
                == ["2026-03-08T07:00:00Z", "2026-03-09T06:15:00Z"])
        #expect(
            try times("15 1 * * *", after: "2026-11-01T00:00:00Z", 2, zone: "America/New_York")
                == ["2026-11-01T05:15:00Z", "2026-11-02T06:15:00Z"])
        #expect(
            try times("0 */2 * * *", after: "2026-11-01T04:00:00Z", 3, zone: "America/New_York")
                == ["2026-11-01T07:00:00Z", "2026-11-01T09:00:00Z", "2026-11-01T11:00:00Z"])
    }

    // Half an hour: 5 April 2026, 02:00 is 01:30, at 15:00Z of the 4th; 4 October 2026, 02:00 is
    // 02:30, at 15:30Z of the 3rd.
    @Test func `Lord Howe sets its clocks by half an hour`() throws {
        let zone = "Australia/Lord_Howe"
        #expect(
            try times("45 1 * * *", after: "2026-04-04T00:00:00Z", 2, zone: zone)
                == ["2026-04-04T14:45:00Z", "2026-04-05T15:15:00Z"])
        #expect(
            try times("15 2 * * *", after: "2026-10-03T00:00:00Z", 2, zone: zone)
                == ["2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"])
        #expect(
            try times("45 * * * *", after: "2026-04-04T14:00:00Z", 3, zone: zone)
                == ["2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z", "2026-04-04T16:15:00Z"])
    }

    // Apia left out 30 December 2011: from 10:00Z on it was the 31st.
    @Test func `a day that Apia left out holds nothing`() throws {
        #expect(
            try times("0 12 * * *", after: "2011-12-29T00:00:00Z", 3, zone: "Pacific/Apia")
                == ["2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z", "2011-12-31T22:00:00Z"])
        #expect(
            try times("0 12 30 12 *", after: "2011-12-01T00:00:00Z", 1, zone: "Pacific/Apia")
                == ["2012-12-29T22:00:00Z"])
    }

    // Newfoundland set its clocks at 00:01: on 7 November 2010 it was 23:01 of the 6th again, at
    // 02:31Z.
    @Test func `a day that comes again is taken again by an interval, in order`() throws {
        let zone = "America/St_Johns"
        #expect(
            try times("30 * * * *", after: "2010-11-07T01:30:00Z", 3, zone: zone)
                == ["2010-11-07T02:00:00Z", "2010-11-07T03:00:00Z", "2010-11-07T04:00:00Z"])
        #expect(
            try times("0 * * * *", after: "2010-11-07T02:00:00Z", 2, zone: zone)
                == ["2010-11-07T02:30:00Z", "2010-11-07T03:30:00Z"])
        #expect(
            try times("30 23 * * *", after: "2010-11-06T12:00:00Z", 2, zone: zone)
                == ["2010-11-07T02:00:00Z", "2010-11-08T03:00:00Z"])
        #expect(
            try times("0 0 * * *", after: "2010-11-06T12:00:00Z", 2, zone: zone)
                == ["2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z"])
    }

    // Beirut sets its clocks at midnight: 29 March 2026, 00:00 is 01:00, at 22:00Z of the 28th.
    @Test func `a midnight that is skipped`() throws {
        #expect(
            try times("0 0 * * *", after: "2026-03-28T00:00:00Z", 2, zone: "Asia/Beirut")
                == ["2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"])
    }

    /// Counts the seconds of two years one by one, with nothing but the offset.
    @Test(arguments: [
        ("Europe/Berlin", "17 * * * *"), ("America/New_York", "*/7 */3 * * *"),
        ("Australia/Lord_Howe", "5 * * * *"), ("Asia/Kathmandu", "0 */6 1,15 * *"),
    ])
    func `an interval takes just the minutes that match`(_ zone: String, _ cron: String) throws {
        let rules = try #require(TimeZoneRules(identifier: zone))
        let schedule = try CronSchedule(parsing: cron)
        let fields = cron.split(separator: " ").map(String.init)
        let start: Int64 = 1_767_225_600
        var expected: [Int64] = []
        for minute in stride(from: start + 60, to: start + 400 * 86_400, by: 60) {
            let local = minute + rules.offset(at: minute)
            let (of, hour) = (Int(local / 60 % 60), Int(local / 3_600 % 24))
            let day = CivilDate(days: local / 86_400).parts.day
            let matches = [(fields[0], of), (fields[1], hour), (fields[2], day)].allSatisfy {
                field, value in
                if field == "*" { return true }
                if field.hasPrefix("*/") { return value % (Int(field.dropFirst(2)) ?? 1) == 0 }
                return field.split(separator: ",").contains { Int($0) == value }
            }
            if matches { expected.append(minute) }
        }
        let found = schedule.times(
            after: WallTime(microseconds: start * 1_000_000), count: expected.count, in: rules)
        #expect(found.map { $0.microseconds / 1_000_000 } == expected)
    }

    @Test(arguments: ["", "Foo/Bar", "PST", "GMT+2", "../etc/passwd", "europe/berlin"])
    func `what is no zone's name is none`(_ name: String) {
        #expect(TimeZoneRules(identifier: name) == nil)
    }

    @Test func `times are looked for 50 years ahead, and not beyond the year 9999`() throws {
        let leapDays = try times("0 0 29 2 *", after: "2026-01-01T00:00:00Z", 1_000)
        #expect(leapDays.count == 12)
        #expect(leapDays.last == "2072-02-29T00:00:00Z")
        #expect(try times("0 0 1 1 *", after: "9999-06-01T00:00:00Z", 5) == [])
    }

    @Test func `dates and days are each other's inverse`() {
        for days in stride(from: Int64(-800_000), to: 800_000, by: 37) {
            let (year, month, day) = CivilDate(days: days).parts
            #expect(CivilDate(year: year, month: month, day: day).days == days)
        }
        #expect(CivilDate(year: 2000, month: 2, day: 29).weekday == 2)
        #expect(CivilDate(days: -1).parts == (1969, 12, 31))
    }
}
