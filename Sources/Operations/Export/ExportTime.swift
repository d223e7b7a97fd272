internal import ProtobufRuntime

/// Times in exports.
enum ExportTime {
    /// To the millisecond: `2026-02-17T10:30:00.050Z`; nil for none.
    static func text(_ time: Timestamp?) -> String? {
        guard let time else { return nil }
        let text = Timestamp(millisecondsSinceEpoch: time.millisecondsSinceEpoch).rfc3339
        return text.contains(".") ? text : text.replacing("Z", with: ".000Z")
    }

    /// Milliseconds from one to the other; nil unless both are known.
    static func milliseconds(_ start: Timestamp?, _ end: Timestamp?) -> Int64? {
        guard let start, let end else { return nil }
        return max(0, end.millisecondsSinceEpoch - start.millisecondsSinceEpoch)
    }
}
