internal import Model
internal import ProtobufRuntime

extension Timestamp {
    /// The instant in microseconds, as it is stored.
    var microseconds: Int64 { seconds * 1_000_000 + Int64(nanos / 1_000) }

    init(microseconds: Int64) {
        let (quotient, remainder) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        // Nanos count forward from the second also before 1970.
        self.init(
            seconds: remainder < 0 ? quotient - 1 : quotient,
            nanos: Int32(remainder < 0 ? remainder + 1_000_000 : remainder) * 1_000)
    }
}
