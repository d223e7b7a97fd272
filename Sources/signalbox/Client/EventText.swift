internal import Messages
internal import ProtobufRuntime

/// One event as one line for people.
struct EventText {
    let isColourful: Bool

    /// For example `   7  10:15:04.123  ✓ stock  completed  {"available":3}`.
    func line(_ event: ExecutionEvent) -> String {
        let (mark, subject, text) = parts(event)
        let sequence = String(event.sequence)
        let number = String(repeating: " ", count: max(0, 4 - sequence.count)) + sequence
        let clock = event.time.map { String($0.rfc3339.dropFirst(11).dropLast()) } ?? ""
        let head = isColourful ? Style.dim("\(number)  \(clock)") : "\(number)  \(clock)"
        let what = [subject, text].filter { !$0.isEmpty }.map { SafeText.line($0, max: 400) }
            .joined(separator: "  ")
        return "\(head)  \(coloured(mark)) \(what)"
    }

    private func coloured(_ mark: String) -> String {
        guard isColourful else { return mark }
        return switch mark {
        case "✓": Style.green(mark)
        case "✗": Style.red(mark)
        case "?": Style.yellow(mark)
        default: mark
        }
    }

    private func parts(_ event: ExecutionEvent) -> (mark: String, subject: String, text: String) {
        switch event.kind {
        case .executionCreated(let e):
            ("●", "execution \(e.number)", "created: \(e.workflowID) version \(e.workflowVersion)")
        case .executionStarted: ("▶", "execution", "running")
        case .executionSuspended(let e):
            ("?", "execution", "suspended: \(reason(e.reason))")
        case .executionResumed: ("▶", "execution", "running again")
        case .executionCompleted(let e): ("✓", "execution", "completed  \(e.outputJSON)")
        case .executionFailed(let e):
            ("✗", "execution", "failed: \(reason(e.reason))\(error(e.error))")
        case .executionCancelled(let e):
            (
                "✗", "execution",
                "cancelled by \(e.endedBy)" + (e.endReason.isEmpty ? "" : ": \(e.endReason)")
            )
        case .nodeStarted(let e):
            ("→", e.nodePath, "\(e.kind) started" + (e.attempt > 1 ? ", attempt \(e.attempt)" : ""))
        case .nodeCompleted(let e):
            (
                "✓", e.nodePath,
                "completed" + (e.reused ? " (taken over)" : "")
                    + (e.chosenHandle.isEmpty ? "" : " → \(e.chosenHandle)") + "  \(e.outputJSON)"
            )
        case .nodeFailed(let e):
            (
                "✗", e.nodePath,
                "failed\(error(e.error))"
                    + (e.retryTime.map { "; next attempt \($0.rfc3339)" } ?? "")
            )
        case .nodeSkipped(let e): ("·", e.nodePath, "skipped")
        case .nodeCancelled(let e): ("✗", e.nodePath, "cancelled")
        case .nodeInterrupted(let e):
            ("↺", e.nodePath, "attempt \(e.attempt) was cut off by a crash")
        case .nodeWaiting(let e):
            ("…", e.nodePath, "waits until \(ExecutionText.instant(e.until))")
        case .interruptOpened(let e):
            (
                "?", e.interrupt?.nodePath ?? "",
                "waits: \(e.interrupt.map(ExecutionText.interrupt) ?? "")"
            )
        case .interruptClosed(let e):
            (
                "!", e.nodePath,
                e.outcome.shortName.lowercased()
                    + (e.respondedBy.isEmpty ? "" : " by \(e.respondedBy)")
                    + (e.reason.isEmpty ? "" : ": \(e.reason)")
            )
        case .nodeDelegated(let e):
            (
                "→", e.nodePath,
                "goes on as \(e.delegate.shortName.lowercased()) \(e.reference)"
            )
        case .nodeProgressed(let e): ("…", e.nodePath, "progress  \(e.dataJSON)")
        case .loopStarted(let e): ("→", e.nodePath, "loops over  \(e.itemsJSON)")
        case .bodyStarted(let e):
            ("→", e.nodePath, "\(e.body.shortName.lowercased()) \(e.index) started")
        case .bodyEnded(let e):
            (
                e.error == nil ? "✓" : "✗", e.nodePath,
                "\(e.body.shortName.lowercased()) \(e.index) "
                    + (e.error == nil ? "completed  \(e.outputJSON)" : "failed\(error(e.error))")
            )
        case .logWritten(let e):
            (
                "≡", e.nodePath,
                "\(e.level.shortName.lowercased()): \(e.message)"
            )
        case .executionDue: ("→", "", "is due, and waits for a slot")
        case .traceLogsChanged(let e):
            ("·", "execution", "trace logs \(e.enabled ? "on" : "off") by \(e.changedBy)")
        case .breakpointsDisabled(let e):
            ("·", "execution", "breakpoints off by \(e.disabledBy)")
        case .interruptVoted(let e):
            (
                "!", e.nodePath,
                "approval \(e.approvals) of \(e.approvalsNeeded) by \(e.vote?.principal ?? "")"
            )
        case .interruptReminded(let e): ("?", e.nodePath, "reminder \(e.ordinal)")
        case nil: ("·", "", "an event this version does not know")
        }
    }

    private func reason(_ reason: ExecutionReason) -> String {
        reason.shortName
    }

    private func error(_ error: ExecutionError?) -> String {
        guard let error else { return "" }
        return ": \(error.code): \(error.message)"
    }
}
