internal import Messages

/// Our words in those of the automation dialect.
enum AutomationWords {
    /// What waits for a person is `running` there, with a reason beside it.
    static let statuses = StateTable([
        StateTable.Row(.queued, "queued"), StateTable.Row(.running, "running"),
        StateTable.Row(.suspended, "running"), StateTable.Row(.completed, "completed"),
        StateTable.Row(.failed, .rejected, "stopped"), StateTable.Row(.failed, "error"),
        StateTable.Row(.cancelled, "stopped"),
    ])

    /// Where there is no execution.
    static let idle = "idle"

    static let nodeStatuses = WordTable<NodeStatus>(
        [
            (.running, "running"), (.suspended, "paused"), (.completed, "completed"),
            (.failed, "error"), (.cancelled, "stopped"), (.skipped, "skipped"),
        ], other: "running")

    static let sources = WordTable<TriggerKind>(
        [
            (.manual, "frontend"), (.api, "api"), (.schedule, "api"), (.webhook, "api"),
            (.retry, "api"), (.replay, "api"), (.batch, "api"), (.parent, "api"),
        ], other: "api")

    static let batchStatuses = WordTable<BatchStatus>(
        [
            (.running, "running"), (.completed, "completed"), (.error, "error"),
            (.stopped, "stopped"),
        ], other: "running")

    static let batchSources = WordTable<BatchSource>(
        [(.workflows, "workflows"), (.files, "files"), (.folder, "folder")], other: "workflows")

    static let pauseReasons = WordTable<PauseReason>(
        [(.breakpoint, "breakpoint"), (.waitPause, "wait-pause"), (.pause, "wait-pause")],
        other: "")

    static let pauseActions = WordTable<PauseAction>(
        [
            (.continue, "continue"), (.stop, "stop"), (.skip, "skip"),
            (.continueWithoutBreakpoint, "continueWithoutBreakpoint"),
        ], other: "")

    /// What a client says that it is; `mcp` is a program.
    static func source(_ word: String?, _ fields: inout BodyFields) -> TriggerKind {
        switch word {
        case nil, "api", "mcp": return .api
        case "frontend": return .manual
        case let other?:
            fields.fault(
                "source", "expected frontend, api or mcp, got '\(other.prefix(64))'")
            return .api
        }
    }
}
