/// `google.protobuf.Timestamp`: an instant in UTC, to the nanosecond.
public struct Timestamp: ProtobufMessage, Hashable, Comparable {
    /// The full protobuf name.
    public static let protobufName = "google.protobuf.Timestamp"

    /// Seconds since 1970-01-01T00:00:00Z; negative before.
    public var seconds: Int64 = 0
    /// The fraction of the second, 0 to 999,999,999; counts forward also before 1970.
    public var nanos: Int32 = 0

    /// 1970-01-01T00:00:00Z.
    public init() {}

    /// An instant.
    public init(seconds: Int64 = 0, nanos: Int32 = 0) {
        self.seconds = seconds
        self.nanos = nanos
    }

    /// An instant in milliseconds since 1970.
    public init(millisecondsSinceEpoch milliseconds: Int64) {
        let (seconds, rest) = milliseconds.flooredDivision(by: 1000)
        self.init(seconds: seconds, nanos: Int32(rest) * 1_000_000)
    }

    /// An instant in microseconds since 1970.
    public init(microsecondsSinceEpoch microseconds: Int64) {
        let (seconds, rest) = microseconds.flooredDivision(by: 1_000_000)
        self.init(seconds: seconds, nanos: Int32(rest) * 1_000)
    }

    /// An instant in nanoseconds since 1970 (reaches from 1677 to 2262).
    public init(nanosecondsSinceEpoch nanoseconds: Int64) {
        let (seconds, rest) = nanoseconds.flooredDivision(by: 1_000_000_000)
        self.init(seconds: seconds, nanos: Int32(rest))
    }

    /// Milliseconds since 1970, rounded down; the nearest end of Int64 if that does not suffice.
    public var millisecondsSinceEpoch: Int64 {
        seconds.scaled(by: 1000, adding: Int64(nanos) / 1_000_000)
    }

    /// Microseconds since 1970, rounded down; the nearest end of Int64 if that does not suffice.
    public var microsecondsSinceEpoch: Int64 {
        seconds.scaled(by: 1_000_000, adding: Int64(nanos) / 1_000)
    }

    /// Nanoseconds since 1970; the nearest end of Int64 if that does not suffice.
    public var nanosecondsSinceEpoch: Int64 {
        seconds.scaled(by: 1_000_000_000, adding: Int64(nanos))
    }

    /// Whether it lies within years 1 to 9999 and `nanos` within its range, as protobuf demands.
    public var isValid: Bool {
        (Self.firstSecond...Self.lastSecond).contains(seconds) && (0...999_999_999).contains(nanos)
    }

    /// 0001-01-01T00:00:00Z.
    package static let firstSecond: Int64 = -62_135_596_800
    /// 9999-12-31T23:59:59Z.
    package static let lastSecond: Int64 = 253_402_300_799

    /// The earlier of two instants.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanos) < (right.seconds, right.nanos)
    }
}

extension Int64 {
    /// Quotient rounded down and a remainder that is never negative.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// `self * factor + rest`, held at the ends of Int64.
    func scaled(by factor: Int64, adding rest: Int64) -> Int64 {
        let (product, tooLarge) = multipliedReportingOverflow(by: factor)
        let (sum, overflow) = product.addingReportingOverflow(rest)
        return tooLarge || overflow ? (self < 0 ? .min : .max) : sum
    }
}
