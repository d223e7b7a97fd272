internal import JSON
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

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
    /// A decision that has made so many events goes on after its commit, so that neither memory nor
    /// the other executions suffer from one that has much to do at once.
    private static let eventsPerDecisionMax = 1_000

    let limits: Limits
    /// What `ExecutionCreated` says.
    var header = ExecutionCreated()
    var status = ExecutionStatus.unspecified
    var reason = ExecutionReason.unspecified
    /// The execution's own graph.
    private(set) var frame: GraphFrame
    /// The bodies at work, by id.
    var bodies: [Int: GraphFrame] = [:]
    /// The same by what their nodes' paths begin with.
    var bodyIDs: [String: Int] = [:]
    /// Bodies begun so far: the newest one's id.
    var bodyCount = 0
    /// The nodes whose bodies are at work, and how far they are.
    var nests: [NodeRef: Nest] = [:]
    /// People were asked for a decision or an event, here or in a child that was waited for.
    var hasDecisions = false
    /// Children that nobody waits for and that are to end with it: their numbers.
    var dependents: [Int64] = []
    /// Over all frames.
    var tally = GraphFrame.Tally()
    /// Frames in which something may have to be done, in that order.
    private var attention: [Int] = []
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
    /// The instant it was triggered for has come.
    var isDue = false
    /// Changes with everything about interrupts, breakpoints and trace logs that the row shows.
    var interruptChanges = 0
    /// Nodes that ran, those of bodies for every time they did.
    var nodeCount: Int32 = 0
    /// The open pause of the whole execution.
    var pause: Interrupt?
    /// Pauses of the whole execution so far.
    var pauses: Int32 = 0
    /// Where it stops; nil: nowhere, or no longer.
    var breakpoints: Breakpoints?
    var traceLogs = false
    /// The node that started last.
    var currentNodeID = ""

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
        case .childReady(let node, let attempt, let result):
            childReady(node, attempt, result, &turn)
        case .delivered(let message):
            delivered(message, &turn)
        case .timersFired(let delays):
            timersFired(delays: delays, &turn)
        case .respond(let response):
            respond(response, &turn)
        case .cancel(let principal, let reason):
            cancel(by: principal, reason: reason, &turn)
        case .control(let command):
            control(command, &turn)
        case .recovered(let running):
            recover(running, &turn)
        case .goOn:
            break
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
        while !isHeld, !isPaused, status == .running, let id = attention.first {
            guard turn.decision.events.count < Self.eventsPerDecisionMax else {
                turn.decision.effects.append(.goOn)
                return
            }
            if let node = popReady(in: id) {
                let ref = NodeRef(node, in: id)
                if sources(of: ref).isEmpty, node != graph(of: ref).start {
                    emit(
                        .nodeSkipped(
                            NodeSkipped(
                                nodePath: path(ref).description, nodeID: definition(ref).id)),
                        &turn)
                } else {
                    run(ref, &turn)
                }
                if exceedsLimits(&turn) { return }
            } else {
                attention.removeFirst()
                withFrame(id, isQuiet: true) { $0.isAttended = false }
                if frame(id)?.live.isEmpty ?? false { finished(id, &turn) }
            }
        }
        if isPaused { return restPaused(&turn) }
        guard status == .running, attention.isEmpty, tally.busy == 0 else { return }
        if let type = interrupts.first?.type {
            emit(.executionSuspended(ExecutionSuspended(reason: Self.reason(type))), &turn)
        }
    }

    /// Nothing goes on in a frame any more.
    private mutating func finished(_ id: Int, _ turn: inout ExecutionTurn) {
        let output = endOutput(of: id)
        if id == GraphFrame.root {
            complete(with: output, &turn)
        } else {
            endBody(id, .success(output), &turn)
        }
    }

    private mutating func exceedsLimits(_ turn: inout ExecutionTurn) -> Bool {
        // Room for closing what is open: two events for each node at which something goes on.
        let eventsMax = Int64(limits.journalEventsMax) - 2 * Int64(tally.live) - 8
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

    // MARK: Frames

    /// The frame with this id, if it is at work.
    func frame(_ id: Int) -> GraphFrame? { id == GraphFrame.root ? frame : bodies[id] }

    /// Changes a frame, and keeps what is known of all of them.
    /// - Parameter isQuiet: the change leaves nothing to be done.
    mutating func withFrame(
        _ id: Int, isQuiet: Bool = false, _ change: (inout GraphFrame) -> Void
    ) {
        let wantsAttention: Bool
        if id == GraphFrame.root {
            wantsAttention = Self.change(&frame, &tally, change)
        } else if let index = bodies.index(forKey: id) {
            wantsAttention = Self.change(&bodies.values[index], &tally, change)
        } else {
            return
        }
        if wantsAttention, !isQuiet { attend(id) }
    }

    /// - Returns: whether the frame has to be put on the list of those to look at.
    private static func change(
        _ frame: inout GraphFrame, _ tally: inout GraphFrame.Tally,
        _ change: (inout GraphFrame) -> Void
    ) -> Bool {
        let before = frame.tally
        change(&frame)
        tally.busy += frame.tally.busy - before.busy
        tally.suspended += frame.tally.suspended - before.suspended
        tally.resting += frame.tally.resting - before.resting
        tally.live += frame.tally.live - before.live
        return frame.wantsAttention && !frame.isAttended
    }

    private mutating func attend(_ id: Int) {
        attention.append(id)
        withFrame(id, isQuiet: true) { $0.isAttended = true }
    }

    private mutating func popReady(in id: Int) -> Int? {
        var node: Int?
        withFrame(id, isQuiet: true) { node = $0.popReady() }
        return node
    }

    /// Changes the state of one node.
    mutating func update(_ ref: NodeRef, _ change: (inout NodeState) -> Void) {
        withFrame(ref.frame) { $0.update(ref.node, change) }
    }

    /// Where a node stands; as if it had never been reached where its frame is gone.
    func state(_ ref: NodeRef) -> NodeState {
        frame(ref.frame)?.nodes[ref.node] ?? NodeState()
    }

    func graph(of ref: NodeRef) -> WorkflowGraph { frame(ref.frame)?.graph ?? graph }

    /// The node as it was compiled; only of a frame at work.
    func definition(_ ref: NodeRef) -> WorkflowGraph.Node { graph(of: ref).nodes[ref.node] }

    func path(_ ref: NodeRef) -> NodePath {
        frame(ref.frame)?.path(ref.node) ?? NodePath(nodeID: "")
    }

    func sources(of ref: NodeRef) -> [Int] { frame(ref.frame)?.sources(of: ref.node) ?? [] }

    /// The node at `path`, if its frame is at work.
    func ref(of path: String) -> NodeRef? {
        guard let dot = path.lastIndex(of: ".") else {
            return graph.position(of: path).map { NodeRef($0) }
        }
        guard let id = bodyIDs[String(path[..<dot])], let body = bodies[id] else { return nil }
        return body.graph.position(of: String(path[path.index(after: dot)...])).map {
            NodeRef($0, in: id)
        }
    }

    /// Every node at which something is going on: the execution's own, then those of the bodies.
    var live: [NodeRef] {
        var refs = frame.live.map { NodeRef($0) }
        for id in bodies.keys.sorted() {
            for node in bodies[id]?.live ?? [] { refs.append(NodeRef(node, in: id)) }
        }
        return refs
    }

    // MARK: Inputs and outputs

    /// What a frame that has ended yields: the output of its `end`, an object by node id where
    /// several were reached.
    private func endOutput(of id: Int) -> String {
        guard let frame = frame(id) else { return "null" }
        let ends = frame.graph.nodes.indices.filter {
            frame.graph.nodes[$0].kind == EndNode.name && frame.nodes[$0].phase == .completed
        }
        if ends.count == 1 { return frame.nodes[ends[0]].output ?? "null" }
        return ends.isEmpty ? "null" : joinedOutputs(ends, in: frame)
    }

    /// The outputs of several nodes as an object by node id.
    private func joinedOutputs(_ nodes: [Int], in frame: GraphFrame) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        for node in nodes {
            writer.key(frame.graph.nodes[node].id)
            writer.raw(JSONText(trusted: frame.nodes[node].output ?? "null"))
        }
        writer.endObject()
        return writer.finish().text
    }

    /// The input of a node: the output of its chosen incoming edge, an object by node id where there
    /// are several; the execution's input for the start.
    func input(of ref: NodeRef) -> String {
        guard let frame = frame(ref.frame) else { return "null" }
        if ref.node == frame.graph.start {
            if let body = frame.body { return body.input }
            return header.inputJSON.isEmpty ? "null" : header.inputJSON
        }
        let sources = frame.sources(of: ref.node)
        if sources.count == 1 { return frame.nodes[sources[0]].output ?? "null" }
        return sources.isEmpty ? "null" : joinedOutputs(sources, in: frame)
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
        let named: String?
        switch command {
        case .respond(let response): named = response.interruptID
        case .control(let command):
            if case .pauseControl(_, let id) = command.action { named = id } else { named = nil }
        default: named = nil
        }
        guard let id = named else { return .final(status) }
        return wasOpened(id) ? .interruptClosed(id) : .interruptUnknown(id)
    }
}

/// One command being decided.
struct ExecutionTurn {
    let time: WallTime
    let timestamp: Timestamp
    var decision = ExecutionDecision()
    /// The answer that rejects, while what follows from it is decided.
    var rejection: InterruptResponse?
    /// The child that ended, while what follows from it is decided.
    var endedChild: ChildEnded?

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
