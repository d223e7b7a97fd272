package import ProtobufRuntime

/// Instants as callers write them in queries and bodies.
package enum InstantText {
    private static let millisecond: Int32 = 1_000_000

    /// An instant with its zone (RFC 3339). A `+` that a query turned into a space is one.
    package static func strict(_ text: String) -> Timestamp? {
        Timestamp(rfc3339: text.replacing(" ", with: "+"))
    }

    /// ISO 8601: an instant, also without a zone (then in UTC) or seconds, or a date, its beginning.
    package static func lenient(_ text: String) -> Timestamp? {
        if let instant = strict(text) { return instant }
        for ending in ["Z", ":00Z", "T00:00:00Z"] {
            if let instant = Timestamp(rfc3339: text + ending) { return instant }
        }
        return nil
    }

    /// The instant after all that `text` means: of a date the next day, of an instant the next
    /// millisecond, since milliseconds are what callers see.
    package static func end(_ text: String) -> Timestamp? {
        guard let instant = lenient(text) else { return nil }
        if text.utf8.count == 10 {
            return Timestamp(seconds: instant.seconds + 86_400)
        }
        return afterMillisecond(instant)
    }

    /// The beginning of the next millisecond.
    package static func afterMillisecond(_ instant: Timestamp) -> Timestamp {
        let nanos = (instant.nanos / millisecond + 1) * millisecond
        return nanos < 1_000 * millisecond
            ? Timestamp(seconds: instant.seconds, nanos: nanos)
            : Timestamp(seconds: instant.seconds + 1)
    }
}
