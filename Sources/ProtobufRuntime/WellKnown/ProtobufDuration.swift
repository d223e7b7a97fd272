/// `google.protobuf.Duration`: a signed span of time, to the nanosecond. Named so that it does not
/// hide Swift's own `Duration`.
public struct ProtobufDuration: ProtobufMessage, Hashable, Comparable {
    /// The full protobuf name.
    public static let protobufName = "google.protobuf.Duration"

    /// Whole seconds, ±315,576,000,000 (10,000 years).
    public var seconds: Int64 = 0
    /// The fraction, ±999,999,999, with the sign of `seconds`.
    public var nanos: Int32 = 0

    /// No time.
    public init() {}

    /// A span.
    public init(seconds: Int64 = 0, nanos: Int32 = 0) {
        self.seconds = seconds
        self.nanos = nanos
    }

    /// A span of Swift's, cut to the nanosecond.
    public init(_ duration: Swift.Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))
    }

    /// As Swift has it.
    public var duration: Swift.Duration {
        Swift.Duration(
            secondsComponent: seconds, attosecondsComponent: Int64(nanos) * 1_000_000_000)
    }

    /// Whether both parts are within range and of one sign, as protobuf demands.
    public var isValid: Bool {
        (-Self.longestSeconds...Self.longestSeconds).contains(seconds)
            && (-999_999_999...999_999_999).contains(nanos)
            && (seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0))
    }

    /// 10,000 years.
    package static let longestSeconds: Int64 = 315_576_000_000

    /// The shorter of two spans; negative ones are shorter than none.
    public static func < (left: ProtobufDuration, right: ProtobufDuration) -> Bool {
        (left.seconds, left.nanos) < (right.seconds, right.nanos)
    }
}
