internal import Messages
internal import Redaction

/// How what one call reads is shown to its caller.
struct Showing: Sendable {
    let workspace: WorkspaceRedaction
    /// REVEAL only where it was granted.
    let mode: RedactionMode
    let canReveal: Bool

    private func isMasked(_ trigger: TriggerKind) -> Bool {
        switch mode {
        case .redact: true
        case .reveal: false
        case .unspecified, .unrecognized: workspace.covers(trigger)
        }
    }

    /// What masks values of an execution with that trigger; nil: nothing does.
    func redactor(_ trigger: TriggerKind) -> Redactor? {
        isMasked(trigger) ? workspace.redactor : nil
    }

    /// What is said of it; nil where nothing is or would be masked.
    func info(_ trigger: TriggerKind) -> RedactionInfo? {
        let isMasked = isMasked(trigger)
        guard isMasked || workspace.covers(trigger) else { return nil }
        let reason: RedactionReason =
            isMasked ? (mode == .redact ? .requested : .policy) : .unspecified
        return RedactionInfo(isRedacted: isMasked, reason: reason, canReveal: canReveal)
    }

    /// The execution as its caller may see it, and as an answer has room for.
    func shown(_ execution: Execution) -> Execution {
        let execution = execution.fitting
        guard let info = info(execution.trigger) else { return execution }
        var shown = execution
        redactor(execution.trigger)?.redact(&shown)
        shown.redaction = info
        return shown
    }
}
