internal import Model
internal import ProtobufRuntime

extension Timestamp {
    /// The instant in microseconds, as it is stored.
    var microseconds: Int64 { seconds * 1_000_000 + Int64(nanos / 1_000) }

    init(microseconds: Int64) {
        self.init(microsecondsSinceEpoch: microseconds)
    }
}
