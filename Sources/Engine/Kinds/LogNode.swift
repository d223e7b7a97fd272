internal import JSON
internal import Messages

/// `log`: writes a line to the execution's log; its output is its input.
struct LogNode: NodeKind {
    static let name = "log"

    private static let messageBytesMax = 16 << 10
    private let level: LogLevel

    init(_ fields: inout NodeFields) {
        fields.template("message", isRequired: true)
        switch fields.choice("level", of: ["debug", "info", "warning", "error"]) {
        case "debug": level = .debug
        case "warning": level = .warning
        case "error": level = .error
        default: level = .info
        }
    }

    var handles: HandleRule { .plain }

    func step(_ node: NodeContext) -> NodeStep {
        let message = node.fields["message"].map { $0.stringValue ?? $0.text } ?? ""
        guard message.utf8.count <= Self.messageBytesMax else {
            return .fail(
                NodeFailure(
                    "LOG_TOO_LARGE",
                    "log line of \(message.utf8.count) bytes exceeds the limit of \(Self.messageBytesMax)"
                ))
        }
        return .log(level, message)
    }
}
