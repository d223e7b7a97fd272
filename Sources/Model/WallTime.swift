/// An instant of the wall clock, in microseconds since 1970-01-01T00:00:00Z.
///
/// Deadlines and recorded times use it; delays within one process use `ContinuousClock`.
public struct WallTime: Sendable, Hashable, Comparable {
    /// May be negative.
    public var microseconds: Int64

    /// The instant that many microseconds after the epoch.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// The instant `duration` later, at the ends of the range the end itself.
    public func advanced(by duration: Duration) -> WallTime {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow2) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        let (result, overflow3) = microseconds.addingReportingOverflow(sum)
        guard !overflow, !overflow2, !overflow3 else {
            return WallTime(microseconds: seconds < 0 ? .min : .max)
        }
        return WallTime(microseconds: result)
    }

    /// How long from here to `other`; negative if that lies before.
    public func duration(to other: WallTime) -> Duration {
        .microseconds(other.microseconds) - .microseconds(microseconds)
    }

    /// Orders by time.
    public static func < (left: WallTime, right: WallTime) -> Bool {
        left.microseconds < right.microseconds
    }
}
