internal import Messages
internal import Model

/// One node of one frame.
struct NodeRef: Sendable, Hashable {
    /// The frame's id.
    let frame: Int
    /// The node's position in the frame's graph.
    let node: Int

    init(_ node: Int, in frame: Int = GraphFrame.root) {
        self.frame = frame
        self.node = node
    }
}

/// One graph being run: which nodes stand where, and which edges were chosen.
///
/// An execution has one frame of its own; each body that is at work (of a loop, of a `try`) has a
/// further one with a prefix, which is dropped when the body ends.
struct GraphFrame: Sendable, Equatable {
    private enum EdgeState: UInt8, Sendable { case open, chosen, dead }

    /// The id of an execution's own frame.
    static let root = 0

    /// Unique within its execution; the same whenever the journal is folded.
    let id: Int
    let graph: WorkflowGraph
    /// What its nodes' paths begin with; empty on the top level.
    let prefix: String
    private(set) var nodes: [NodeState]
    private var edges: [EdgeState]
    private var unresolved: [Int32]
    /// Nodes whose incoming edges are all resolved, in that order, to be run or skipped.
    private(set) var ready: [Int] = []
    /// The nodes at which something is going on, in order: few, however large the graph is.
    private(set) var live: [Int] = []
    /// How many nodes keep the execution running, and how many wait for an answer.
    private(set) var tally = Tally()
    private var completions: Int32 = 0
    /// What it is a body of; nil on the top level.
    let body: Body?
    /// Whether the machine has it on its list of frames to look at.
    var isAttended = false

    /// How many nodes are busy and how many suspended.
    struct Tally: Sendable, Equatable {
        var busy = 0
        var suspended = 0
        /// Of the busy: those that need nobody here until a timer fires or a message comes.
        var resting = 0
        /// Nodes at which something is going on.
        var live = 0
    }

    /// What a body runs for.
    struct Body: Sendable, Equatable {
        let owner: NodeRef
        let kind: BodyKind
        /// Of the item, or of the catch clause.
        let index: Int
        /// What its `start` yields.
        let input: String
        /// What was caught, or will fail the node after `finally`; nil where nothing was.
        let error: String?
        /// What its nodes' attempts and interrupts go on counting from.
        let base: NodeState.Used
    }

    init(
        graph: WorkflowGraph, id: Int = GraphFrame.root, prefix: String = "", body: Body? = nil
    ) {
        self.graph = graph
        self.id = id
        self.prefix = prefix
        self.body = body
        var state = NodeState()
        state.attempt = body?.base.attempts ?? 0
        state.interrupts = body?.base.interrupts ?? 0
        state.earlier = body?.base ?? NodeState.Used()
        state.used = state.earlier
        nodes = Array(repeating: state, count: graph.nodes.count)
        edges = Array(repeating: .open, count: graph.edges.count)
        unresolved = graph.nodes.map { Int32($0.incoming.count) }
    }

    static func == (left: Self, right: Self) -> Bool {
        left.graph === right.graph && left.prefix == right.prefix && left.nodes == right.nodes
            && left.edges == right.edges && left.ready == right.ready && left.id == right.id
            && left.live == right.live && left.tally == right.tally && left.body == right.body
    }

    func path(_ node: Int) -> NodePath { NodePath(prefix: prefix, nodeID: graph.nodes[node].id) }

    /// Whether there is a node to run, or nothing left to wait for.
    var wantsAttention: Bool { !ready.isEmpty || live.isEmpty }

    mutating func begin() {
        guard nodes[graph.start].phase == .pending else { return }
        guard let body else {
            makeReady(graph.start)
            return
        }
        // That a body begins says what its start yields.
        ended(graph.start, phase: .completed, output: body.input, handle: "")
    }

    /// The one place where a node's state changes.
    mutating func update(_ node: Int, _ change: (inout NodeState) -> Void) {
        let before = nodes[node].phase.standing
        change(&nodes[node])
        let after = nodes[node].phase.standing
        guard before != after else { return }
        count(before, -1)
        count(after, 1)
        if before == .still {
            tally.live += 1
            live.insert(node, at: live.firstIndex { $0 > node } ?? live.count)
        } else if after == .still {
            tally.live -= 1
            live.removeAll { $0 == node }
        }
    }

    private mutating func count(_ standing: NodeState.Standing, _ delta: Int) {
        switch standing {
        case .busy: tally.busy += delta
        case .resting:
            tally.busy += delta
            tally.resting += delta
        case .suspended: tally.suspended += delta
        case .still, .nested: break
        }
    }

    mutating func makeReady(_ node: Int) {
        update(node) { $0.phase = .ready }
        ready.append(node)
    }

    mutating func popReady() -> Int? {
        ready.isEmpty ? nil : ready.removeFirst()
    }

    /// Removes a node from those that are to be run, where an event says what became of it.
    private mutating func unready(_ node: Int) {
        if let index = ready.firstIndex(of: node) { ready.remove(at: index) }
    }

    /// A breakpoint holds the node, before its start or behind its end.
    mutating func held(_ node: Int, by interrupt: Interrupt) {
        unready(node)
        update(node) {
            $0.phase = .suspended(interrupt)
            $0.interrupts += 1
        }
    }

    mutating func started(_ node: Int, attempt: Int32, at time: WallTime) {
        unready(node)
        update(node) {
            $0.phase = .active
            $0.attempt = attempt
            $0.startedAt = time
            $0.earlier = $0.used
        }
    }

    /// The node has a result; edges by `handle` are chosen, the others dead.
    mutating func ended(_ node: Int, phase: NodeState.Phase, output: String, handle: String) {
        unready(node)
        completions += 1
        let completion = completions
        update(node) {
            $0.phase = phase
            $0.output = output
            $0.completion = completion
        }
        for edge in graph.nodes[node].outgoing {
            resolve(edge, graph.edges[edge].handle == handle ? .chosen : .dead)
        }
    }

    mutating func skipped(_ node: Int) {
        unready(node)
        update(node) { $0.phase = .skipped }
        for edge in graph.nodes[node].outgoing { resolve(edge, .dead) }
    }

    private mutating func resolve(_ edge: Int, _ state: EdgeState) {
        guard edges[edge] == .open else { return }
        edges[edge] = state
        let target = graph.edges[edge].target
        unresolved[target] -= 1
        if unresolved[target] == 0, nodes[target].phase == .pending { makeReady(target) }
    }

    /// What its nodes have used up, with those of bodies within.
    var used: NodeState.Used {
        var used = NodeState.Used()
        for node in nodes {
            used.include(node.used)
            used.include(NodeState.Used(attempts: node.attempt, interrupts: node.interrupts))
        }
        return used
    }

    /// Where its input comes from: the sources of its chosen edges, in the order of the edges.
    func sources(of node: Int) -> [Int] {
        var sources: [Int] = []
        for edge in graph.nodes[node].incoming where edges[edge] == .chosen {
            let source = graph.edges[edge].source
            if !sources.contains(source) { sources.append(source) }
        }
        return sources
    }
}
