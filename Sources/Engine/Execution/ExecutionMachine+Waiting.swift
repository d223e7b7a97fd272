internal import Messages
internal import Model
internal import ProtobufRuntime

/// Interrupts, answers, deadlines and timers.
extension ExecutionMachine {
    mutating func open(_ draft: InterruptDraft, at node: Int, _ turn: inout ExecutionTurn) {
        let definition = graph.nodes[node]
        let interrupt = Interrupt(
            id: frame.path(node).interruptID(frame.nodes[node].interrupts + 1), type: draft.type,
            nodePath: frame.path(node).description, nodeID: definition.id,
            nodeName: definition.name, message: draft.message, assignees: draft.assignees,
            schemaJSON: draft.schemaJSON, deadline: draft.deadline.map { Timestamp($0) },
            createTime: turn.timestamp)
        emit(.interruptOpened(InterruptOpened(interrupt: interrupt)), &turn)
    }

    /// The open interrupts, in the order of the nodes.
    var interrupts: [Interrupt] {
        frame.nodes.compactMap {
            if case .suspended(let interrupt) = $0.phase { interrupt } else { nil }
        }
    }

    mutating func respond(_ response: InterruptResponse, _ turn: inout ExecutionTurn) {
        let open = frame.nodes.indices.filter {
            if case .suspended = frame.nodes[$0].phase { true } else { false }
        }
        let node: Int
        if let id = response.interruptID {
            guard let match = open.first(where: { interruptID($0) == id }) else {
                turn.decision.refusal =
                    wasOpened(id) ? .interruptClosed(id) : .interruptUnknown(id)
                return
            }
            node = match
        } else {
            guard let first = open.first else {
                turn.decision.refusal = .notSuspended
                return
            }
            guard open.count == 1 else {
                turn.decision.refusal = .ambiguous(open.map { interruptID($0) })
                return
            }
            node = first
        }
        guard let kind = graph.nodes[node].action as? any InterruptKind else { return }
        do throws(AnswerRefusal) {
            let answer = try kind.answered(response)
            settle(node, answer, response, &turn)
        } catch {
            turn.decision.refusal = .answer(error)
        }
    }

    private func interruptID(_ node: Int) -> String {
        if case .suspended(let interrupt) = frame.nodes[node].phase { interrupt.id } else { "" }
    }

    /// Whether an interrupt with this id was ever opened.
    func wasOpened(_ id: String) -> Bool {
        guard let mark = id.lastIndex(of: "#"), let ordinal = Int32(id[id.index(after: mark)...]),
            let node = frame.position(of: String(id[..<mark]))
        else { return false }
        return (1...max(1, frame.nodes[node].interrupts)).contains(ordinal)
            && frame.nodes[node].interrupts > 0
    }

    private mutating func settle(
        _ node: Int, _ answer: InterruptAnswer, _ response: InterruptResponse,
        isDeadline: Bool = false, _ turn: inout ExecutionTurn
    ) {
        switch answer {
        case .accepted(let outcome, let output, let handle):
            close(node, outcome, response, &turn)
            complete(node, output: output, handle: handle, &turn)
        case .rejected(let output):
            close(node, isDeadline ? .expired : .rejected, response, &turn)
            if graph.hasEdge(from: node, handle: "rejected") {
                complete(node, output: output, handle: "rejected", &turn)
                return
            }
            let path = frame.path(node).description
            let who = response.respondedBy.isEmpty ? "the deadline" : response.respondedBy
            let error = ExecutionError(
                code: "REJECTED",
                message: "'\(graph.nodes[node].name)' was rejected by \(who)"
                    + (response.reason.isEmpty ? "" : ": \(response.reason)"), nodePath: path)
            emit(
                .nodeFailed(
                    NodeFailed(
                        nodePath: path, nodeID: graph.nodes[node].id,
                        attempt: frame.nodes[node].attempt, error: error)), &turn)
            failExecution(
                .rejected, error, endedBy: response.respondedBy, endReason: response.reason, &turn)
        }
    }

    private mutating func close(
        _ node: Int, _ outcome: InterruptOutcome, _ response: InterruptResponse,
        _ turn: inout ExecutionTurn
    ) {
        emit(
            .interruptClosed(
                InterruptClosed(
                    interruptID: interruptID(node), nodePath: frame.path(node).description,
                    nodeID: graph.nodes[node].id, outcome: outcome,
                    respondedBy: response.respondedBy, reason: response.reason,
                    dataJSON: response.dataJSON)), &turn)
        resume(&turn)
    }

    private mutating func resume(_ turn: inout ExecutionTurn) {
        guard status == .suspended else { return }
        emit(.executionResumed(ExecutionResumed()), &turn)
    }

    // MARK: Timers

    mutating func timersFired(delays: WallTime, _ turn: inout ExecutionTurn) {
        for node in graph.nodes.indices {
            if status.isEnd { return }
            switch frame.nodes[node].phase {
            case .waiting(let until):
                if until <= turn.time {
                    complete(node, output: input(of: node), handle: "", &turn)
                } else if isTimedOut(node, turn.time) {
                    timedOut(node, &turn)
                }
            case .retrying(let retryAt):
                if retryAt <= max(delays, turn.time) { frame.makeReady(node) }
            case .suspended(let interrupt):
                if let deadline = interrupt.deadline, WallTime(deadline) <= turn.time {
                    deadlinePassed(node, &turn)
                } else if isTimedOut(node, turn.time) {
                    close(node, .expired, InterruptResponse(), &turn)
                    timedOut(node, &turn)
                }
            default:
                break
            }
        }
    }

    private mutating func timedOut(_ node: Int, _ turn: inout ExecutionTurn) {
        fail(node, Self.timeOut(graph.nodes[node].settings.timeout ?? .zero), &turn)
    }

    /// The failure of a node that took longer than it may.
    static func timeOut(_ timeout: Duration) -> NodeFailure {
        NodeFailure("NODE_TIMED_OUT", "the node did not end within \(timeout)")
    }

    private mutating func deadlinePassed(_ node: Int, _ turn: inout ExecutionTurn) {
        guard let kind = graph.nodes[node].action as? any InterruptKind else { return }
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
                    "DEADLINE_PASSED", "nobody answered '\(graph.nodes[node].name)' in time"), &turn
            )
        }
    }

    /// When a node that waits has to end; the bodies' own time-outs are the runner's.
    private func timeOutAt(_ node: Int) -> WallTime? {
        guard let timeout = graph.nodes[node].settings.timeout,
            let startedAt = frame.nodes[node].startedAt
        else { return nil }
        return startedAt.advanced(by: timeout)
    }

    private func isTimedOut(_ node: Int, _ time: WallTime) -> Bool {
        timeOutAt(node).map { $0 <= time } ?? false
    }

    /// When somebody must look at it next although nobody asks.
    var wakeAt: WallTime? {
        guard !status.isEnd else { return nil }
        var soonest: WallTime?
        for node in frame.nodes.indices {
            var instants: [WallTime?] = []
            switch frame.nodes[node].phase {
            case .waiting(let until): instants = [until, timeOutAt(node)]
            case .retrying(let retryAt): instants = [retryAt]
            case .suspended(let interrupt):
                instants = [interrupt.deadline.map { WallTime($0) }, timeOutAt(node)]
            default: continue
            }
            for case let instant? in instants where soonest.map({ instant < $0 }) ?? true {
                soonest = instant
            }
        }
        return soonest
    }

    /// While RUNNING and only waiting: when the next timer fires.
    var waitingUntil: WallTime? {
        guard status == .running else { return nil }
        var isTimed = false
        for state in frame.nodes where state.isBusy {
            guard state.isTimed else { return nil }
            isTimed = true
        }
        return isTimed ? wakeAt : nil
    }
}
