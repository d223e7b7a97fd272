package import Model
package import ProtobufRuntime

/// How instants look in JSON: as text in three of the dialects, as a number in the fourth.
package enum InstantShape {
    /// ISO 8601 in UTC, always with milliseconds: `2024-03-08T00:03:54.567Z`.
    package static func text(_ instant: Timestamp) -> String {
        let milliseconds = instant.nanos / 1_000_000
        let digits = String(milliseconds)
        let whole = Timestamp(seconds: instant.seconds).rfc3339.dropLast()
        return "\(whole).\(String(repeating: "0", count: 3 - digits.count))\(digits)Z"
    }

    /// Whole milliseconds from `start` to `end`; nil while either is missing.
    package static func milliseconds(from start: Timestamp?, to end: Timestamp?) -> Int64? {
        guard let start, let end else { return nil }
        return max(0, end.millisecondsSinceEpoch - start.millisecondsSinceEpoch)
    }
}

extension Timestamp {
    /// An instant of the wall clock.
    package init(_ instant: WallTime) {
        self.init(microsecondsSinceEpoch: instant.microseconds)
    }
}
