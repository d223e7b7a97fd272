internal import Foundation

/// How far local time is from UTC at any instant: the rules of one IANA time zone.
package struct TimeZoneRules: Sendable {
    /// The name as it was given.
    package let identifier: String
    private let zone: TimeZone

    /// The zone of that IANA name, such as `Europe/Berlin`; nil if there is none.
    ///
    /// Abbreviations such as `PST` name no one zone, and fixed offsets no place: both are refused,
    /// save `UTC` and `GMT`.
    package init?(identifier: String) {
        guard identifier.utf8.count <= 64,
            identifier.contains("/") || identifier == "UTC" || identifier == "GMT",
            let zone = TimeZone(identifier: identifier)
        else { return nil }
        self.identifier = identifier
        self.zone = zone
    }

    package static let utc = TimeZoneRules(zone: .gmt)

    private init(zone: TimeZone) {
        identifier = "UTC"
        self.zone = zone
    }

    /// Seconds that local time is ahead of UTC at an instant.
    func offset(at seconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }
}
