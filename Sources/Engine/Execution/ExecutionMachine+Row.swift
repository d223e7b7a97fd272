internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// The execution as lists and calls see it.
extension ExecutionMachine {
    /// BASIC view: no payloads.
    var execution: Execution {
        var execution = Execution()
        execution.id = header.id
        execution.number = header.number
        execution.workspaceID = header.workspaceID
        execution.podID = header.podID
        execution.workflowID = header.workflowID
        execution.workflowVersion = header.workflowVersion
        execution.workflowName = header.workflowName
        execution.status = status
        execution.reason = reason
        execution.waitingUntil = waitingUntil.map { Timestamp($0) }
        execution.trigger = header.trigger
        execution.triggeredBy = header.triggeredBy
        execution.createTime = Timestamp(createdAt)
        execution.startTime = startedAt.map { Timestamp($0) }
        execution.endTime = endedAt.map { Timestamp($0) }
        execution.error = error
        execution.endedBy = endedBy
        execution.endReason = endReason
        execution.key = header.key
        execution.priority = header.priority
        execution.sourceID = header.sourceID
        execution.sourceNumber = header.sourceNumber
        execution.parentID = header.parentID
        execution.lastSequence = sequence
        execution.interrupts = interrupts
        execution.traceparent = header.traceparent
        execution.nextWakeUp = nextWakeUp
        execution.nodeCount = nodeCount
        execution.batchNumber = header.batchNumber
        execution.notBefore = header.notBefore
        execution.concurrencyKey = header.concurrencyKey
        execution.triggerID = header.triggerID
        execution.nominalTime = header.nominalTime
        execution.traceLogs = traceLogs
        guard !status.isEnd else { return execution }
        execution.currentNodeID = currentNodeID
        execution.breakpoints = breakpoints
        showPause(&execution)
        return execution
    }

    /// Which node is held, and why.
    private func showPause(_ execution: inout Execution) {
        let held = execution.interrupts.filter { $0.isHold && !$0.nodePath.isEmpty }
        let newest = held.max { left, right in
            WallTime(left.createTime ?? Timestamp()) < WallTime(right.createTime ?? Timestamp())
        }
        if let newest {
            execution.pausedNodeID = newest.nodeID
            execution.pauseReason = newest.type == .breakpoint ? .breakpoint : .waitPause
        } else if isPaused {
            execution.pauseReason = .pause
        }
    }

    /// What the store keeps of it beside the journal.
    var row: ExecutionRow { ExecutionRow(execution: execution, wakeAt: wakeAt) }

    /// What of the row can change; where it is the same, the row need not be written.
    var mark: RowMark {
        RowMark(
            state: ExecutionState(
                status: status, reason: reason, isWaiting: waitingUntil != nil),
            wakeAt: wakeAt, interruptChanges: interruptChanges,
            waitsFor: isResting ? nextWakeUp : nil)
    }

    /// Why it is where it is, one line for people; empty once it has ended.
    var nextWakeUp: String {
        switch status {
        case .queued:
            return queuedWakeUp
        case .running:
            var first: NodeRef?
            var others = 0
            var delegates: [String] = []
            for node in live {
                switch state(node).phase {
                case .ready where isPaused: break
                case .active, .resolving, .ready:
                    if first == nil { first = node } else { others += 1 }
                case .delegated(let delegate):
                    delegates.append(Self.wait(for: delegate, at: path(node)))
                default: break
                }
            }
            if let first {
                let rest = others > 0 ? " and \(others) more" : ""
                return "the node '\(path(first))'\(rest), at work on this server"
            }
            let timer = wakeAt.map { "a timer at \(Timestamp($0).rfc3339)" }
            guard let first = delegates.first else { return timer ?? "" }
            let rest = delegates.count > 1 ? " and \(delegates.count - 1) more" : ""
            return first + rest + (timer.map { ", or \($0)" } ?? "")
        case .suspended:
            let open = interrupts
            let isHeld = open.first?.isHold ?? false
            let ids = open.prefix(3).map { "'\($0.id)'" }.joined(separator: ", ")
            let rest = open.count > 3 ? " and \(open.count - 3) more" : ""
            let soonest = open.compactMap { $0.deadline.map { WallTime($0) } }.min()
            let deadline = soonest.map { "; the deadline is \(Timestamp($0).rfc3339)" } ?? ""
            let what =
                isHeld
                ? "a continue of" : Self.wait(for: open.first { $0.type == .event }) + " to"
            return "\(what) \(ids)\(rest)\(deadline)"
        default:
            return ""
        }
    }

    private static func wait(for event: Interrupt?) -> String {
        guard let event else { return "an answer" }
        let key = event.correlationKey.isEmpty ? "" : " with the key '\(event.correlationKey)'"
        return "the event '\(event.eventName)'\(key), or an answer"
    }

    private static func wait(for delegate: NodeState.Delegate, at path: NodePath) -> String {
        switch delegate.kind {
        case .child: "the end of the child execution \(delegate.reference) of the node '\(path)'"
        case .task, .unspecified, .unrecognized:
            "a worker for '\(delegate.reference)' at the node '\(path)'"
        }
    }

    /// Whether it has a next wake-up, which every non-final execution must.
    var hasNextWakeUp: Bool { status.isEnd || !nextWakeUp.isEmpty }
}

/// What of a row can change between its creation and its end.
struct RowMark: Sendable, Equatable {
    var state: ExecutionState
    var wakeAt: WallTime?
    var interruptChanges: Int
    /// Where it rests although it is RUNNING: what for.
    var waitsFor: String?
}
