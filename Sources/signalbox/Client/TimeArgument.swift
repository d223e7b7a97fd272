internal import ArgumentParser
internal import ProtobufRuntime

/// An instant on the command line.
enum TimeArgument {
    /// - Throws: `ValidationError` that names `flag`.
    static func instant(_ text: String, _ flag: String) throws -> Timestamp {
        guard let instant = Timestamp(rfc3339: text) else {
            throw ValidationError(
                "\(flag): expected a time such as 2026-01-02T03:04:05Z, got '\(text)'")
        }
        return instant
    }
}
