internal import JSON
internal import Model
internal import ProtobufRuntime

/// `wait`: until an instant, or for a duration.
struct WaitNode: NodeKind {
    static let name = "wait"

    private let hasDuration: Bool

    init(_ fields: inout NodeFields) {
        let isTimed = fields.value("duration") != nil
        let isUntil = fields.value("until") != nil
        let duration = fields.template("duration", ofType: ["string"])
        let until = fields.template("until", ofType: ["string"])
        hasDuration = isTimed
        if isTimed, isUntil {
            fields.fault(.badValue, "until", "expected either 'duration' or 'until', got both")
        } else if !isTimed, !isUntil {
            fields.fault(.missingField, "duration", "expected 'duration' or 'until', got neither")
        }
        if duration != nil, !NodeFields.isExpression(duration) { _ = fields.duration("duration") }
        if let text = until?.stringValue, !NodeFields.isExpression(until),
            Timestamp(rfc3339: text) == nil
        {
            fields.fault(
                .badInstant, "until",
                "expected an instant such as 2026-01-31T08:00:00Z, got '\(text)'")
        }
    }

    var handles: HandleRule { .plain }

    func step(_ node: NodeContext) -> NodeStep {
        if hasDuration {
            guard let text = node.fields["duration"]?.stringValue,
                let duration = DurationText.parse(text)
            else {
                return .fail(
                    NodeFailure(
                        "BAD_DURATION",
                        "expected a duration, got \(node.fields["duration"]?.text ?? "nothing")"))
            }
            return .wait(until: node.time.advanced(by: duration))
        }
        guard let text = node.fields["until"]?.stringValue, let until = Timestamp(rfc3339: text)
        else {
            return .fail(
                NodeFailure(
                    "BAD_INSTANT",
                    "expected an instant, got \(node.fields["until"]?.text ?? "nothing")"))
        }
        return .wait(until: WallTime(until))
    }
}
