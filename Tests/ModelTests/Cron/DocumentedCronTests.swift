import Foundation
import Testing

@testable import Model

/// The examples of docs/triggers.md are what happens.
struct DocumentedCronTests {
    @Test func `the documented times are the times`() throws {
        let document = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/triggers.md")
        let text = try String(contentsOf: document, encoding: .utf8)
        let style = Date.ISO8601FormatStyle()
        var count = 0
        for line in text.split(separator: "\n") {
            let cells = line.split(separator: "|").map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
            }
            guard cells.count == 4, let after = try? style.parse(cells[2]) else { continue }
            let zone = try #require(TimeZoneRules(identifier: cells[1]))
            let expected = cells[3].components(separatedBy: ", ")
            let times = try CronSchedule(parsing: cells[0]).times(
                after: WallTime(microseconds: Int64(after.timeIntervalSince1970) * 1_000_000),
                count: expected.count, in: zone)
            #expect(
                times.map {
                    Date(timeIntervalSince1970: Double($0.microseconds) / 1e6).formatted(style)
                } == expected, "\(line)")
            count += 1
        }
        #expect(count == 10)
    }
}
