internal import Messages

/// Our words in those of the teams dialect.
enum TeamsWords {
    /// There is no status for what waits, for a person or a timer: it is running.
    static let states = StateTable([
        .init(.queued, "PENDING"), .init(.running, "RUNNING"), .init(.suspended, "RUNNING"),
        .init(.completed, "SUCCESS"), .init(.failed, .timedOut, "CANCELLED"),
        .init(.failed, "FAILED"), .init(.cancelled, "CANCELLED"),
    ])

    static let triggers = WordTable<TriggerKind>(
        [
            (.manual, "MANUAL"), (.api, "API"), (.schedule, "SCHEDULE"), (.webhook, "WEBHOOK"),
            (.retry, "RETRY"), (.replay, "REPLAY"), (.batch, "BATCH"), (.parent, "WORKFLOW"),
        ], other: "API")

    static let nodeStatuses = WordTable<NodeStatus>(
        [
            (.running, "RUNNING"), (.suspended, "RUNNING"), (.completed, "SUCCESS"),
            (.failed, "FAILED"), (.cancelled, "CANCELLED"), (.skipped, "SKIPPED"),
        ], other: "RUNNING")

    /// A node kind: in upper snake case, but for those that the API has words of its own for.
    static func nodeType(_ kind: String, _ trigger: TriggerKind) -> String {
        switch (kind, trigger) {
        case ("start", .webhook): "WEBHOOK_TRIGGER"
        case ("start", .schedule): "SCHEDULE_TRIGGER"
        case ("start", _): "MANUAL_TRIGGER"
        case ("if", _): "IF_ELSE"
        default: upperSnake(kind)
        }
    }

    /// `sendMail` and `send-mail` are `SEND_MAIL`.
    private static func upperSnake(_ kind: String) -> String {
        var text = ""
        var wasLower = false
        for scalar in kind.unicodeScalars {
            let isUpper = ("A"..."Z").contains(scalar)
            let isPlain =
                isUpper || ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
            if isUpper, wasLower { text += "_" }
            text += isPlain ? String(scalar).uppercased() : "_"
            wasLower = isPlain && !isUpper
        }
        return text
    }
}
