internal import JSON
internal import Messages
internal import Model
internal import ProtobufRuntime

/// One execution as a value: the events so far, folded, and what each further command makes of it.
///
///     queued ─ start ─▶ running ◀──────────── respond, deadline ─┐
///                        │  │ └ nothing busy, interrupts open ─▶ suspended
///                        │  └ nothing busy, none open ─▶ completed
///                        └ a failure nothing handles ─▶ failed        cancel: from all of them
///
/// `decide` turns a command into events and applies them; `apply` alone folds a journal. Both lead
/// to the same state, so running an execution, replaying it after a crash and simulating it are the
/// same code. No I/O, no clock, no randomness.
struct ExecutionMachine: Sendable {
    let limits: Limits
    /// What `ExecutionCreated` says.
    var header = ExecutionCreated()
    var status = ExecutionStatus.unspecified
    var reason = ExecutionReason.unspecified
    var frame: GraphFrame
    /// Of the newest event; 0 before the first.
    var sequence: Int64 = 0
    /// What the journal holds so far, estimated from the payloads.
    var journalBytes = 0
    var createdAt = WallTime(microseconds: 0)
    var startedAt: WallTime?
    var endedAt: WallTime?
    var outputJSON = ""
    var error: ExecutionError?
    var endedBy = ""
    var endReason = ""
    /// Commands that came after the end or for attempts that are over.
    var dropped = 0
    /// The server is stopping: results are taken, but no further node is run.
    var isHeld = false
    /// Changes whenever an interrupt is opened or closed.
    var interruptChanges = 0

    /// An execution of `graph` before its first event.
    init(graph: WorkflowGraph, limits: Limits) {
        frame = GraphFrame(graph: graph)
        self.limits = limits
    }

    var graph: WorkflowGraph { frame.graph }

    /// The first events: created, what is taken over from a source, and, with a slot, started.
    static func created(
        _ header: ExecutionCreated, graph: WorkflowGraph, limits: Limits, taken: [TakenResult] = [],
        starts: Bool, at time: WallTime
    ) -> (machine: ExecutionMachine, decision: ExecutionDecision) {
        var machine = ExecutionMachine(graph: graph, limits: limits)
        var turn = ExecutionTurn(time: time)
        machine.emit(.executionCreated(header), &turn)
        for result in taken { machine.takeOver(result, &turn) }
        if starts { machine.start(&turn) }
        return (machine, turn.decision)
    }

    /// Decides a command and applies what it decides.
    mutating func decide(_ command: ExecutionCommand, at time: WallTime) -> ExecutionDecision {
        var turn = ExecutionTurn(time: time)
        if status.isEnd {
            dropped += 1
            turn.decision.refusal = refusalAfterEnd(command)
            return turn.decision
        }
        switch command {
        case .start:
            if status == .queued { start(&turn) }
        case .resolved(let node, let attempt, let result):
            resolved(node, attempt, result, &turn)
        case .bodyEnded(let node, let attempt, let result):
            bodyEnded(node, attempt, result, &turn)
        case .timersFired(let delays):
            timersFired(delays: delays, &turn)
        case .respond(let response):
            respond(response, &turn)
        case .cancel(let principal, let reason):
            closeAll(&turn)
            emit(
                .executionCancelled(ExecutionCancelled(endedBy: principal, endReason: reason)),
                &turn)
        case .recovered(let running):
            recover(running, &turn)
        }
        if turn.decision.refusal == .stale { dropped += 1 }
        advance(&turn)
        return turn.decision
    }

    /// Gives the next event its number and time, and applies it.
    mutating func emit(_ kind: ExecutionEvent.Kind, _ turn: inout ExecutionTurn) {
        let event = ExecutionEvent(
            sequence: sequence + 1, time: turn.timestamp, kind: kind)
        apply(event)
        turn.decision.events.append(event)
    }

    mutating func start(_ turn: inout ExecutionTurn) {
        emit(.executionStarted(ExecutionStarted()), &turn)
        advance(&turn)
    }

    /// Runs or skips what is ready until nothing is, then says what state that leaves.
    mutating func advance(_ turn: inout ExecutionTurn) {
        while !isHeld, status == .running, let node = frame.popReady() {
            if frame.sources(of: node).isEmpty, node != graph.start {
                emit(
                    .nodeSkipped(
                        NodeSkipped(
                            nodePath: frame.path(node).description, nodeID: graph.nodes[node].id)),
                    &turn)
            } else {
                run(node, &turn)
            }
            if exceedsLimits(&turn) { return }
        }
        guard status == .running, frame.ready.isEmpty else { return }
        var isBusy = false
        var openType: InterruptType?
        for state in frame.nodes {
            if state.isBusy { isBusy = true }
            if case .suspended(let interrupt) = state.phase, openType == nil {
                openType = interrupt.type
            }
        }
        if isBusy { return }
        if let openType {
            emit(.executionSuspended(ExecutionSuspended(reason: Self.reason(openType))), &turn)
        } else {
            emit(.executionCompleted(ExecutionCompleted(outputJSON: endOutput())), &turn)
        }
    }

    private mutating func exceedsLimits(_ turn: inout ExecutionTurn) -> Bool {
        // Room for closing what is open: two events for each node, and the last one.
        let eventsMax = Int64(limits.journalEventsMax) - 2 * Int64(graph.nodes.count) - 1
        let message: String
        if sequence >= eventsMax {
            message =
                "journal of \(sequence) events nears the limit of \(limits.journalEventsMax)"
        } else if journalBytes >= limits.journalBytesMax {
            message =
                "journal of \(journalBytes) bytes exceeds the limit of \(limits.journalBytesMax)"
        } else {
            return false
        }
        failExecution(
            .nodeFailed, ExecutionError(code: "JOURNAL_TOO_LARGE", message: message), &turn)
        return true
    }

    private func endOutput() -> String {
        let ends = graph.nodes.indices.filter {
            graph.nodes[$0].kind == EndNode.name && frame.nodes[$0].phase == .completed
        }
        if ends.count == 1 { return frame.nodes[ends[0]].output ?? "null" }
        return ends.isEmpty ? "null" : joinedOutputs(ends)
    }

    /// The outputs of several nodes as an object by node id.
    func joinedOutputs(_ nodes: [Int]) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        for node in nodes {
            writer.key(graph.nodes[node].id)
            writer.raw(JSONText(trusted: frame.nodes[node].output ?? "null"))
        }
        writer.endObject()
        return writer.finish().text
    }

    /// The input of a node: the output of its chosen incoming edge, an object by node id where there
    /// are several; the execution's input for the start.
    func input(of node: Int) -> String {
        if node == graph.start { return header.inputJSON.isEmpty ? "null" : header.inputJSON }
        let sources = frame.sources(of: node)
        if sources.count == 1 { return frame.nodes[sources[0]].output ?? "null" }
        return sources.isEmpty ? "null" : joinedOutputs(sources)
    }

    static func reason(_ type: InterruptType) -> ExecutionReason {
        switch type {
        case .question: .question
        case .breakpoint: .breakpoint
        case .pause: .pause
        case .event: .event
        case .approval, .unspecified, .unrecognized: .approval
        }
    }

    private func refusalAfterEnd(_ command: ExecutionCommand) -> ExecutionRefusal {
        guard case .respond(let response) = command, let id = response.interruptID else {
            return .final(status)
        }
        return wasOpened(id) ? .interruptClosed(id) : .interruptUnknown(id)
    }
}

/// One command being decided.
struct ExecutionTurn {
    let time: WallTime
    let timestamp: Timestamp
    var decision = ExecutionDecision()

    init(time: WallTime) {
        self.time = time
        timestamp = Timestamp(time)
    }
}

extension ExecutionStatus {
    /// Whether nothing can happen any more.
    var isEnd: Bool {
        switch self {
        case .completed, .failed, .cancelled: true
        default: false
        }
    }
}

/// A result that a replay takes over from its source.
struct TakenResult: Sendable {
    let node: Int
    let outcome: Outcome

    enum Outcome: Sendable {
        case completed(NodeCompleted)
        case routed(NodeFailed)
        case skipped
    }
}
