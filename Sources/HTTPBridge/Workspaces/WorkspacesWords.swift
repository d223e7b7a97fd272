internal import Messages

/// Our words in those of the workspaces dialect.
enum WorkspacesWords {
    /// `pending` is what older editions of the API call `queued`.
    static let statuses = WordTable<ExecutionStatus>(
        [
            (.queued, "queued"), (.running, "running"), (.suspended, "suspended"),
            (.completed, "completed"), (.failed, "failed"), (.cancelled, "cancelled"),
            (.queued, "pending"),
        ], other: "queued")

    static let triggers = WordTable<TriggerKind>(
        [
            (.manual, "manual"), (.api, "api"), (.schedule, "schedule"), (.webhook, "webhook"),
            (.retry, "api"), (.replay, "api"), (.batch, "api"), (.parent, "api"),
        ], other: "api")

    /// A skipped node is not shown among the events; in logs it is.
    static let nodeStatuses = WordTable<NodeStatus>(
        [
            (.running, "running"), (.suspended, "suspended"), (.completed, "completed"),
            (.failed, "failed"), (.cancelled, "failed"), (.skipped, "skipped"),
        ], other: "running")

    static let interruptTypes = WordTable<InterruptType>(
        [
            (.approval, "approval"), (.question, "question"), (.breakpoint, "breakpoint"),
            (.pause, "pause"), (.event, "event"),
        ], other: "approval")

    static let logLevels = WordTable<LogLevel>(
        [(.debug, "debug"), (.info, "info"), (.warning, "warning"), (.error, "error")],
        other: "info")

    static let overlaps = WordTable<OverlapPolicy>(
        [
            (.skip, "skip"), (.bufferOne, "buffer_one"), (.bufferAll, "buffer_all"),
            (.cancelOther, "cancel_other"), (.allowAll, "allow_all"),
        ], other: "skip")

    static let verifications = WordTable<WebhookVerification>(
        [
            (.signature, "signature"), (.github, "github"), (.stripe, "stripe"),
            (.slack, "slack"), (.sharedSecret, "shared_secret"), (.none, "none"),
        ], other: "signature")

    static let responses = WordTable<WebhookResponse>(
        [(.accepted, "accepted"), (.output, "output")], other: "accepted")

    /// What is said where a node or an execution was cancelled.
    static let cancelled = "cancelled"
}
