internal import Foundation
internal import JSON
internal import Logging
internal import Model
internal import ProtobufRuntime

/// Writes each log event as one line to standard error: for people, or as a JSON object.
struct LineLogHandler: LogHandler {
    private let label: String
    private let format: ServerSettings.LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(label: String, level: Logger.Level, format: ServerSettings.LogFormat) {
        self.label = label
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
        let line = Self.line(
            format, time: SystemEnvironment().now(), level: event.level, label: label,
            message: event.message.description, metadata: all)
        // One write each, so that lines of threads do not mix; a log nobody reads is no failure.
        try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    }

    /// One line with its end.
    static func line(
        _ format: ServerSettings.LogFormat, time: WallTime, level: Logger.Level, label: String,
        message: String, metadata: Logger.Metadata
    ) -> String {
        let pairs = metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
        let instant = Timestamp(nanosecondsSinceEpoch: time.microseconds / 1_000 * 1_000_000)
            .rfc3339
        switch format {
        case .text:
            let rest = pairs.map { " \($0.0)=\(quoted($0.1))" }.joined()
            return "\(instant) \(level.rawValue) \(plain(message))\(rest)\n"
        case .json:
            let fields =
                [
                    ("time", instant), ("level", level.rawValue), ("logger", label),
                    ("message", message),
                ]
                + pairs.map { name, value in
                    (
                        ["time", "level", "logger", "message"].contains(name) ? "_\(name)" : name,
                        value
                    )
                }
            let body = fields.map {
                "\(JSONValue.string($0.0).text):\(JSONValue.string($0.1).text)"
            }
            return "{\(body.joined(separator: ","))}\n"
        }
    }

    /// A value as it is, or as a JSON string where it would not be one word.
    private static func quoted(_ value: String) -> String {
        let isWord =
            !value.isEmpty
            && value.utf8.allSatisfy {
                $0 > 32 && $0 != UInt8(ascii: "\"") && $0 != 127 && $0 != UInt8(ascii: "=")
            }
        return isWord ? value : JSONValue.string(value).text
    }

    /// No line breaks or other control characters.
    private static func plain(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 < 32 || $0 == 127 }) else { return text }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
    }
}
