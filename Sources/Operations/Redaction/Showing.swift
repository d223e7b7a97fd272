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

    /// A named event as its caller may see it. It is of no execution, and nobody started it by hand:
    /// no policy spares it.
    func shown(_ event: NamedEvent) -> NamedEvent {
        guard let redactor = redactor(.unspecified) else { return event }
        var shown = event
        redactor.redact(&shown)
        return shown
    }

    /// What became of a delivery as its caller may see it: what a sender sent wrong is told in words
    /// that may hold what it sent.
    func shown(_ delivery: WebhookDelivery) -> WebhookDelivery {
        guard let redactor = redactor(.webhook) else { return delivery }
        var shown = delivery
        redactor.redact(&shown)
        return shown
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
