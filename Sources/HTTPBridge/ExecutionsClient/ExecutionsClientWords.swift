internal import Messages

/// Our words in those of the executions client.
enum ExecutionsClientWords {
    static let states = StateTable(
        [
            .init(.queued, "new"), .init(.running, isWaiting: false, "running"),
            .init(.running, isWaiting: true, "waiting"), .init(.suspended, "waiting"),
            .init(.completed, "success"), .init(.failed, .timedOut, "canceled"),
            .init(.failed, .crashed, "crashed"), .init(.failed, "error"),
            .init(.cancelled, "canceled"),
        ], more: ["unknown"])

    /// What may be stopped, as the call that stops many names it.
    static let stoppable: [(word: String, status: String)] = [
        ("queued", "new"), ("running", "running"), ("waiting", "waiting"),
    ]

    static let modes = WordTable<TriggerKind>(
        [
            (.manual, "manual"), (.api, "trigger"), (.schedule, "trigger"),
            (.webhook, "webhook"), (.retry, "retry"), (.replay, "retry"),
            (.batch, "integrated"), (.parent, "integrated"),
        ], other: "trigger")

    static let redactionReasons = WordTable<RedactionReason>(
        [(.policy, "workflow_redaction_policy"), (.requested, "user_requested")],
        other: "workflow_redaction_policy")

    /// Skipped nodes are not shown.
    static let nodeStatuses = WordTable<NodeStatus>(
        [
            (.running, "running"), (.suspended, "waiting"), (.completed, "success"),
            (.failed, "error"), (.cancelled, "canceled"),
        ], other: "unknown")
}
