internal import Model
internal import ProtobufRuntime

extension Timestamp {
    /// The same instant on the wire.
    init(_ time: WallTime) {
        self.init(microsecondsSinceEpoch: time.microseconds)
    }
}

extension WallTime {
    /// The same instant, in microseconds; at the ends of the range the end itself.
    init(_ timestamp: Timestamp) {
        let (scaled, overflow) = timestamp.seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflow2) = scaled.addingReportingOverflow(Int64(timestamp.nanos / 1_000))
        self.init(
            microseconds: overflow || overflow2 ? (timestamp.seconds < 0 ? .min : .max) : sum)
    }
}

extension WallTime {
    /// The instant that an RFC 3339 text says; nil if it says none.
    init?(rfc3339 text: String) {
        guard let timestamp = Timestamp(rfc3339: text) else { return nil }
        self.init(timestamp)
    }
}
