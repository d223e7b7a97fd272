internal import Messages
internal import ProtobufRuntime

/// An execution, for people.
struct ExecutionText {
    let isColourful: Bool

    /// `SUSPENDED (APPROVAL)`.
    func state(_ execution: Execution) -> String {
        var text = execution.status.shortName
        if execution.reason != .unspecified {
            text += " (\(execution.reason.shortName))"
        } else if execution.waitingUntil != nil {
            text += " (waiting)"
        }
        guard isColourful else { return text }
        return switch execution.status {
        case .completed: Style.green(text)
        case .failed, .cancelled: Style.red(text)
        case .suspended: Style.yellow(text)
        default: text
        }
    }

    /// Everything, a line each.
    func details(_ execution: Execution) -> String {
        var lines: [(String, String)] = [
            ("execution", "\(execution.number)  \(execution.id)"),
            (
                "workflow",
                "\(SafeText.line(execution.workflowID)) version \(execution.workflowVersion)"
            ),
            ("state", state(execution)),
            (
                "trigger",
                "\(execution.trigger.shortName.lowercased()) by "
                    + SafeText.line(execution.triggeredBy)
            ),
            ("created", Self.instant(execution.createTime)),
        ]
        func add(_ name: String, _ value: String) {
            if !value.isEmpty { lines.append((name, SafeText.line(value, max: 100_000))) }
        }
        add("started", Self.instant(execution.startTime))
        add("ended", Self.instant(execution.endTime))
        add("key", execution.key)
        add("source", execution.sourceID)
        add("tags", execution.tags.map(\.name).joined(separator: ", "))
        add("batch", execution.batchNumber == 0 ? "" : "batch-\(execution.batchNumber)")
        add("not before", Self.instant(execution.notBefore))
        add("concurrency", execution.concurrencyKey)
        add("fired by", execution.triggerID)
        add("for", Self.instant(execution.nominalTime))
        add("waits", execution.nextWakeUp)
        add("at node", execution.currentNodeID)
        add("held node", execution.pausedNodeID)
        add("traced", execution.traceLogs ? "yes" : "")
        for interrupt in execution.interrupts {
            add("interrupt", Self.interrupt(interrupt))
        }
        if let error = execution.error {
            let place = error.nodePath.isEmpty ? "" : " at \(error.nodePath)"
            add("error", "\(error.code)\(place): \(error.message)")
        }
        add("ended by", execution.endedBy)
        add("reason", execution.endReason)
        add("input", execution.inputJSON)
        add("output", execution.outputJSON)
        if let redaction = execution.redaction, redaction.isRedacted {
            add(
                "masked",
                redaction.reason == .requested
                    ? "as asked for"
                    : "by the workspace's policy"
                        + (redaction.canReveal ? "; --reveal shows it" : ""))
        }
        if execution.dataTooLarge {
            add("note", "payloads too large for one message were left out")
        }
        let width = lines.map(\.0.count).max() ?? 0
        return lines.map { name, value in
            let label = name + String(repeating: " ", count: width - name.count)
            return "\(isColourful ? Style.dim(label) : label)  \(value)"
        }.joined(separator: "\n")
    }

    /// `approve#1 APPROVAL: Order 7?`.
    static func interrupt(_ interrupt: Interrupt) -> String {
        let type = interrupt.type.shortName
        let votes =
            interrupt.approvalsNeeded > 1
            ? " (\(interrupt.votes.count) of \(interrupt.approvalsNeeded))" : ""
        return "\(interrupt.id) \(type)\(votes): \(interrupt.message)"
    }

    static func instant(_ time: Timestamp?) -> String { time?.rfc3339 ?? "" }

}

extension Execution {
    /// What a script learns from the exit status.
    var exitStatus: Int32 {
        switch status {
        case .completed: 0
        case .failed: 1
        case .cancelled: 2
        case .queued, .running, .suspended, .unspecified, .unrecognized: 3
        }
    }
}
