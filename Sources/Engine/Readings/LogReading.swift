internal import Messages
internal import Model
internal import ProtobufRuntime

/// Folds a journal into log lines: what `log` nodes wrote, and what happened to the execution and its
/// nodes; with trace logs on, also what each node got and gave.
struct LogReading {
    private var names: [String: (name: String, kind: String)] = [:]
    /// Gives node inputs, and whether trace logs are on; nil where the definition is gone.
    private var machine: ExecutionMachine?
    private let payloadBytesMax: Int

    init(graph: WorkflowGraph?, limits: Limits) {
        machine = graph.map { ExecutionMachine(graph: $0, limits: limits) }
        payloadBytesMax = limits.tracePayloadBytesMax
    }

    /// The lines that an event makes, which is taken in order: mostly one, none for some.
    mutating func entries(_ event: ExecutionEvent) -> [LogEntry] {
        machine?.apply(event)
        var lines = entry(event).map { [$0] } ?? []
        if let traced = trace(event) { lines.append(traced) }
        return lines
    }

    /// What a node got or gave, as it stands in the journal: secrets are in neither.
    private func trace(_ event: ExecutionEvent) -> LogEntry? {
        guard let machine, machine.traceLogs else { return nil }
        var entry = LogEntry(sequence: event.sequence, time: event.time, level: .debug)
        switch event.kind {
        case .nodeStarted(let started):
            guard let node = machine.ref(of: started.nodePath) else { return nil }
            entry.attempt = started.attempt
            fill(&entry, started.nodePath, started.nodeID, .running)
            let input = machine.input(of: node)
            entry.message = "got \(input.clipped(toBytes: Self.shownBytesMax))"
            entry.dataTooLarge = input.utf8.count > payloadBytesMax
            if !entry.dataTooLarge { entry.inputJSON = input }
        case .nodeCompleted(let completed):
            entry.attempt = completed.attempt
            fill(&entry, completed.nodePath, completed.nodeID, .completed)
            let output = completed.outputJSON
            entry.message = "gave \(output.clipped(toBytes: Self.shownBytesMax))"
            entry.dataTooLarge = output.utf8.count > payloadBytesMax
            if !entry.dataTooLarge { entry.outputJSON = output }
        case .nodeFailed(let failed):
            guard let details = failed.error?.detailsJSON, !details.isEmpty else { return nil }
            entry.attempt = failed.attempt
            fill(&entry, failed.nodePath, failed.nodeID, .failed)
            entry.message = "failed with \(details.clipped(toBytes: Self.shownBytesMax))"
            entry.dataTooLarge = details.utf8.count > payloadBytesMax
            if !entry.dataTooLarge { entry.outputJSON = details }
        default:
            return nil
        }
        return entry
    }

    /// Of a payload, in a line for people.
    private static let shownBytesMax = 1_024

    private mutating func entry(_ event: ExecutionEvent) -> LogEntry? {
        var entry = LogEntry(sequence: event.sequence, time: event.time, level: .info)
        switch event.kind {
        case .executionCreated(let created):
            entry.message =
                "created by \(created.triggeredBy.isEmpty ? "nobody" : created.triggeredBy)"
        case .executionStarted:
            entry.message = "started"
        case .executionSuspended(let suspended):
            entry.message = "suspended: \(Self.word(suspended.reason.protobufName, 17))"
        case .executionResumed:
            entry.message = "resumed"
        case .traceLogsChanged(let changed):
            entry.message =
                "trace logs \(changed.enabled ? "enabled" : "disabled") by \(changed.changedBy)"
        case .breakpointsDisabled(let disabled):
            entry.message = "breakpoints disabled by \(disabled.disabledBy)"
        case .executionCompleted:
            entry.message = "completed"
        case .executionFailed(let failed):
            entry.level = .error
            entry.message =
                "failed: \(failed.error?.code ?? "") \(failed.error?.message ?? "")"
        case .executionCancelled(let cancelled):
            entry.level = .warning
            entry.message =
                "cancelled by \(cancelled.endedBy)"
                + (cancelled.endReason.isEmpty ? "" : ": \(cancelled.endReason)")
        default:
            return nodeEntry(event, entry)
        }
        return entry
    }

    private mutating func nodeEntry(_ event: ExecutionEvent, _ base: LogEntry) -> LogEntry? {
        var entry = base
        switch event.kind {
        case .nodeStarted(let started):
            names[started.nodePath] = (started.name, started.kind)
            entry.level = .debug
            entry.attempt = started.attempt
            fill(&entry, started.nodePath, started.nodeID, .running)
            entry.message = "started, attempt \(started.attempt)"
        case .nodeCompleted(let completed):
            entry.attempt = completed.attempt
            fill(&entry, completed.nodePath, completed.nodeID, .completed)
            entry.message =
                completed.edited
                ? "completed before; another result was put in its place"
                : completed.reused ? "completed before; result taken over" : "completed"
            if !completed.chosenHandle.isEmpty {
                entry.message += ", chose \(completed.chosenHandle)"
            }
            if let error = completed.handledError {
                entry.level = .warning
                entry.message = "went on after \(error.code): \(error.message)"
            }
        case .nodeFailed(let failed):
            entry.level = failed.retryTime == nil && !failed.routed ? .error : .warning
            entry.attempt = failed.attempt
            fill(
                &entry, failed.nodePath, failed.nodeID, failed.retryTime == nil ? .failed : .running
            )
            entry.message = "failed: \(failed.error?.code ?? "") \(failed.error?.message ?? "")"
            if let retry = failed.retryTime { entry.message += "; again at \(retry.rfc3339)" }
        case .nodeSkipped(let skipped):
            entry.level = .debug
            fill(&entry, skipped.nodePath, skipped.nodeID, .skipped)
            entry.message = "skipped"
        case .nodeCancelled(let cancelled):
            entry.attempt = cancelled.attempt
            fill(&entry, cancelled.nodePath, cancelled.nodeID, .cancelled)
            entry.message = "cancelled"
        case .nodeInterrupted(let interrupted):
            entry.level = .warning
            entry.attempt = interrupted.attempt
            fill(&entry, interrupted.nodePath, interrupted.nodeID, .running)
            entry.message = "attempt \(interrupted.attempt) was cut off by a restart"
        case .nodeWaiting(let waiting):
            fill(&entry, waiting.nodePath, waiting.nodeID, .running)
            entry.message = "waits until \(waiting.until?.rfc3339 ?? "")"
        case .interruptOpened(let opened):
            guard let interrupt = opened.interrupt else { return nil }
            fill(&entry, interrupt.nodePath, interrupt.nodeID, .suspended)
            if interrupt.nodePath.isEmpty { entry.status = .unspecified }
            if interrupt.place == .post { entry.status = .completed }
            let verb = interrupt.isHold ? "paused at" : "asks"
            entry.message = "\(verb) '\(interrupt.id)': \(interrupt.message)"
        case .interruptClosed(let closed):
            fill(&entry, closed.nodePath, closed.nodeID, .running)
            if closed.nodePath.isEmpty { entry.status = .unspecified }
            let by = closed.respondedBy.isEmpty ? "" : " by \(closed.respondedBy)"
            let reason = closed.reason.isEmpty ? "" : ": \(closed.reason)"
            entry.message =
                "'\(closed.interruptID)' \(Self.word(closed.outcome.protobufName, 18))\(by)\(reason)"
        case .interruptVoted(let voted):
            fill(&entry, voted.nodePath, voted.nodeID, .suspended)
            entry.message =
                "'\(voted.interruptID)' approved by \(voted.vote?.principal ?? ""), "
                + "\(voted.approvals) of \(voted.approvalsNeeded)"
        case .interruptReminded(let reminded):
            fill(&entry, reminded.nodePath, reminded.nodeID, .suspended)
            let whom = (reminded.assignees + reminded.groups).joined(separator: ", ")
            entry.message =
                "reminder \(reminded.ordinal) of '\(reminded.interruptID)'"
                + (whom.isEmpty ? "" : " to \(whom)")
        case .nodeDelegated(let delegated):
            entry.attempt = delegated.attempt
            fill(&entry, delegated.nodePath, delegated.nodeID, .running)
            entry.message =
                "goes on as \(Self.word(delegated.delegate.protobufName, 14)) \(delegated.reference)"
        case .nodeProgressed(let progressed):
            entry.attempt = progressed.attempt
            fill(&entry, progressed.nodePath, progressed.nodeID, .running)
            entry.message = "progress: \(progressed.dataJSON)"
        case .loopStarted(let started):
            fill(&entry, started.nodePath, started.nodeID, .running)
            entry.message = "the loop begins"
        case .bodyStarted(let started):
            entry.level = .debug
            fill(&entry, started.nodePath, started.nodeID, .running)
            entry.message = "\(Self.word(started.body.protobufName, 10)) \(started.index) begins"
        case .bodyEnded(let ended):
            entry.level = ended.error == nil ? .debug : .warning
            fill(&entry, ended.nodePath, ended.nodeID, .running)
            entry.message =
                "\(Self.word(ended.body.protobufName, 10)) \(ended.index) "
                + (ended.error.map { "failed: \($0.code) \($0.message)" } ?? "ended")
        case .logWritten(let written):
            entry.level = written.level
            fill(&entry, written.nodePath, written.nodeID, .running)
            entry.message = written.message
        default:
            return nil
        }
        return entry
    }

    private func fill(
        _ entry: inout LogEntry, _ path: String, _ id: String, _ status: NodeStatus
    ) {
        entry.nodePath = path
        entry.nodeID = id
        entry.status = status
        if let known = names[path] {
            entry.nodeName = known.name
            entry.nodeKind = known.kind
        }
    }

    /// An enum's name without its prefix, in lower case.
    private static func word(_ name: String, _ prefix: Int) -> String {
        String(name.dropFirst(prefix)).lowercased()
    }
}
