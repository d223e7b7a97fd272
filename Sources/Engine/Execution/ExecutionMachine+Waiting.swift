internal import Messages
internal import Model
internal import ProtobufRuntime

/// Interrupts, answers, deadlines and timers.
extension ExecutionMachine {
    mutating func open(_ draft: InterruptDraft, at node: NodeRef, _ turn: inout ExecutionTurn) {
        let definition = definition(node)
        let interrupt = Interrupt(
            id: path(node).interruptID(state(node).interrupts + 1), type: draft.type,
            nodePath: path(node).description, nodeID: definition.id,
            nodeName: definition.name,
            message: draft.message.clipped(toBytes: limits.interruptMessageBytesMax),
            assignees: draft.assignees,
            schemaJSON: draft.schemaJSON, deadline: draft.deadline.map { Timestamp($0) },
            createTime: turn.timestamp, groups: draft.groups,
            approvalsNeeded: draft.approvalsNeeded > 1 ? draft.approvalsNeeded : 0,
            noSelfApproval: draft.isForOthersOnly,
            reminders: draft.reminders.map { Timestamp($0) },
            eventName: draft.event?.name ?? "", correlationKey: draft.event?.key ?? "")
        emit(.interruptOpened(InterruptOpened(interrupt: interrupt)), &turn)
        if draft.event != nil { awaitEvent(interrupt, &turn) }
    }

    /// The open interrupts, in the order of the nodes, after the pause of the whole execution.
    var interrupts: [Interrupt] {
        let ofAll = pause.map { [$0] } ?? []
        if tally.suspended == 0 { return ofAll }
        return ofAll
            + live.compactMap {
                if case .suspended(let interrupt) = state($0).phase { interrupt } else { nil }
            }
    }

    mutating func respond(_ response: InterruptResponse, _ turn: inout ExecutionTurn) {
        let open = live.filter {
            if case .suspended(let interrupt) = state($0).phase {
                interrupt.takesAnswers
            } else {
                false
            }
        }
        let held = interrupts.filter { !$0.takesAnswers }.map(\.id)
        let node: NodeRef
        if let id = response.interruptID, held.contains(id) {
            turn.decision.refusal = .needsContinue(id)
            return
        }
        if let id = response.interruptID {
            guard let match = open.first(where: { interruptID($0) == id }) else {
                turn.decision.refusal =
                    wasOpened(id) ? .interruptClosed(id) : .interruptUnknown(id)
                return
            }
            node = match
        } else {
            guard let first = open.first else {
                turn.decision.refusal = held.first.map { .needsContinue($0) } ?? .notSuspended
                return
            }
            guard open.count == 1 else {
                turn.decision.refusal = .ambiguous(open.map { interruptID($0) })
                return
            }
            node = first
        }
        // Only nodes of such kinds open what takes answers.
        guard case .suspended(let interrupt) = state(node).phase,
            let kind = definition(node).action as? any InterruptKind
        else { return }
        if let refusal = refusal(of: response, to: interrupt) {
            turn.decision.refusal = refusal
            return
        }
        do throws(AnswerRefusal) {
            try answer(node, interrupt, kind, response, &turn)
        } catch {
            turn.decision.refusal = .answer(error)
        }
    }

    private func interruptID(_ node: NodeRef) -> String {
        if case .suspended(let interrupt) = state(node).phase { interrupt.id } else { "" }
    }

    /// Whether an interrupt with this id was ever opened.
    func wasOpened(_ id: String) -> Bool {
        guard let mark = id.lastIndex(of: "#"), let ordinal = Int32(id[id.index(after: mark)...]),
            ordinal > 0
        else { return false }
        if mark == id.startIndex { return ordinal <= pauses }
        let path = String(id[..<mark])
        guard let node = ref(of: path) else {
            // What a body that has ended did is not kept.
            guard path.contains("."), let node = graph.node(atPath: path) else { return false }
            return node.action is any InterruptKind || header.breakpoints != nil
        }
        return (1...max(1, state(node).interrupts)).contains(ordinal)
            && state(node).interrupts > 0
    }

    mutating func settle(
        _ node: NodeRef, _ answer: InterruptAnswer, _ response: InterruptResponse,
        isDeadline: Bool = false, _ turn: inout ExecutionTurn
    ) {
        switch answer {
        case .accepted(let outcome, let output, let handle):
            close(node, outcome, response, &turn)
            complete(
                node, output: output.isEmpty ? input(of: node) : output, handle: handle, &turn)
        case .rejected(let output):
            close(node, isDeadline ? .expired : .rejected, response, &turn)
            if graph(of: node).hasEdge(from: node.node, handle: "rejected") {
                complete(node, output: output, handle: "rejected", &turn)
                return
            }
            let path = path(node).description
            let who = response.respondedBy.isEmpty ? "the deadline" : response.respondedBy
            let error = ExecutionError(
                code: "REJECTED",
                message: "'\(definition(node).name)' was rejected by \(who)"
                    + (response.reason.isEmpty ? "" : ": \(response.reason)"), nodePath: path)
            emit(
                .nodeFailed(
                    NodeFailed(
                        nodePath: path, nodeID: definition(node).id,
                        attempt: state(node).attempt, error: error)), &turn)
            turn.rejection = response
            failFrame(of: node, error, &turn)
        }
    }

    mutating func close(
        _ node: NodeRef, _ outcome: InterruptOutcome, _ response: InterruptResponse,
        _ turn: inout ExecutionTurn
    ) {
        if case .suspended(let interrupt) = state(node).phase { withdrawEvent(interrupt, &turn) }
        emit(
            .interruptClosed(
                InterruptClosed(
                    interruptID: interruptID(node), nodePath: path(node).description,
                    nodeID: definition(node).id, outcome: outcome,
                    respondedBy: response.respondedBy, reason: response.reason,
                    dataJSON: response.dataJSON)), &turn)
        resume(&turn)
    }

    mutating func resume(_ turn: inout ExecutionTurn) {
        guard status == .suspended, !isPaused else { return }
        emit(.executionResumed(ExecutionResumed()), &turn)
    }

    // MARK: Timers

    mutating func timersFired(delays: WallTime, _ turn: inout ExecutionTurn) {
        if let startsAt, startsAt <= turn.time {
            emit(.executionDue(ExecutionDue()), &turn)
            turn.decision.effects.append(.enqueue)
            return
        }
        for node in live {
            if status.isEnd { return }
            switch state(node).phase {
            case .waiting(let until):
                if until <= turn.time {
                    complete(node, output: input(of: node), handle: "", &turn)
                } else if isTimedOut(node, turn.time) {
                    timedOut(node, &turn)
                }
            case .retrying(let retryAt):
                if !isPaused, retryAt <= max(delays, turn.time) {
                    withFrame(node.frame) { $0.makeReady(node.node) }
                }
            case .nested:
                if isTimedOut(node, turn.time) {
                    resume(&turn)
                    cancelBodies(of: node, &turn)
                    timedOut(node, &turn)
                }
            case .delegated:
                if isTimedOut(node, turn.time) {
                    stop(node, &turn)
                    timedOut(node, &turn)
                }
            case .suspended(let interrupt):
                if let deadline = interrupt.deadline, WallTime(deadline) <= turn.time {
                    deadlinePassed(node, &turn)
                } else if isTimedOut(node, turn.time) {
                    close(node, .expired, InterruptResponse(), &turn)
                    timedOut(node, &turn)
                } else {
                    remind(node, interrupt, &turn)
                }
            default:
                break
            }
        }
    }

    private mutating func timedOut(_ node: NodeRef, _ turn: inout ExecutionTurn) {
        fail(node, Self.timeOut(definition(node).settings.timeout ?? .zero), &turn)
    }

    /// The failure of a node that took longer than it may.
    static func timeOut(_ timeout: Duration) -> NodeFailure {
        NodeFailure("NODE_TIMED_OUT", "the node did not end within \(timeout)")
    }

    mutating func deadlinePassed(_ node: NodeRef, _ turn: inout ExecutionTurn) {
        guard let kind = definition(node).action as? any InterruptKind else { return }
        let nobody = InterruptResponse(reason: "deadline passed")
        switch kind.onDeadline {
        case .approve:
            settle(node, kind.approvedAtDeadline(), nobody, isDeadline: true, &turn)
        case .reject:
            let output = InterruptFields.output(decision: "rejected", nobody)
            settle(node, .rejected(output: output), nobody, isDeadline: true, &turn)
        case .route:
            let output = InterruptFields.output(decision: "expired", nobody)
            settle(
                node, .accepted(.expired, output: output, handle: "deadline"), nobody,
                isDeadline: true, &turn)
        case .fail:
            close(node, .expired, nobody, &turn)
            fail(
                node,
                NodeFailure(
                    "DEADLINE_PASSED", "nobody answered '\(definition(node).name)' in time"), &turn
            )
        }
    }

    /// When a node that waits has to end; the bodies' own time-outs are the runner's.
    func timeOutAt(_ node: NodeRef) -> WallTime? {
        guard let timeout = definition(node).settings.timeout,
            let startedAt = state(node).startedAt
        else { return nil }
        // A breakpoint holds it for as long as people look.
        if case .suspended(let interrupt) = state(node).phase, interrupt.type == .breakpoint {
            return nil
        }
        return startedAt.advanced(by: timeout)
    }

    private func isTimedOut(_ node: NodeRef, _ time: WallTime) -> Bool {
        timeOutAt(node).map { $0 <= time } ?? false
    }

    /// When somebody must look at it next although nobody asks.
    var wakeAt: WallTime? {
        guard !status.isEnd else { return nil }
        if let startsAt { return startsAt }
        var soonest: WallTime?
        for node in live {
            var instants: [WallTime?] = []
            switch state(node).phase {
            case .waiting(let until): instants = [until, timeOutAt(node)]
            case .retrying(let retryAt): instants = isPaused ? [] : [retryAt]
            case .delegated, .nested: instants = [timeOutAt(node)]
            case .suspended(let interrupt):
                instants = [
                    interrupt.deadline.map { WallTime($0) }, interrupt.nextReminder,
                    timeOutAt(node),
                ]
            default: continue
            }
            for case let instant? in instants where soonest.map({ instant < $0 }) ?? true {
                soonest = instant
            }
        }
        return soonest
    }

    /// Whether it is RUNNING, but needs nobody here until a timer fires or a message comes.
    var isResting: Bool {
        guard status == .running, tally.busy > 0 else { return false }
        return tally.resting == tally.busy || isPaused && !isBusyHere
    }

    /// While RUNNING and only waiting for timers: when the next one fires.
    var waitingUntil: WallTime? {
        guard isResting else { return nil }
        for node in live {
            let phase = state(node).phase
            if phase.standing == .resting, !phase.isTimed { return nil }
        }
        return wakeAt
    }
}
