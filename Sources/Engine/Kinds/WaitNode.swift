internal import JSON
internal import Messages
internal import Model
internal import ProtobufRuntime

/// `wait`: until an instant, for a duration, or, with `pause`, until somebody lets it go on.
struct WaitNode: InterruptKind {
    static let name = "wait"

    private let hasDuration: Bool
    private let isPause: Bool

    init(_ fields: inout NodeFields) {
        let isTimed = fields.value("duration") != nil
        let isUntil = fields.value("until") != nil
        let duration = fields.template("duration", ofType: ["string"])
        let until = fields.template("until", ofType: ["string"])
        hasDuration = isTimed
        isPause = fields.bool("pause") ?? false
        if isPause {
            fields.template("message", ofType: ["string"])
            for field in ["duration", "until"] where fields.value(field) != nil {
                fields.fault(.badValue, field, "expected either '\(field)' or 'pause', got both")
            }
            return
        }
        if isTimed, isUntil {
            fields.fault(.badValue, "until", "expected either 'duration' or 'until', got both")
        } else if !isTimed, !isUntil {
            fields.fault(
                .missingField, "duration", "expected 'duration', 'until' or 'pause', got none")
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

    var onDeadline: DeadlineAction { .fail }

    var isDecision: Bool { false }

    func answered(_ response: InterruptResponse, votes: [Vote]) throws(AnswerRefusal)
        -> InterruptAnswer
    {
        if response.decision == .reject {
            return .rejected(output: InterruptFields.output(decision: "rejected", response))
        }
        return .accepted(.answered, output: response.dataJSON, handle: "")
    }

    func approvedAtDeadline() -> InterruptAnswer { .accepted(.expired, output: "", handle: "") }

    func step(_ node: NodeContext) -> NodeStep {
        if isPause {
            var draft = InterruptDraft(type: .pause)
            draft.message = node.fields["message"].map { $0.stringValue ?? $0.text } ?? ""
            return .interrupt(draft)
        }
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
