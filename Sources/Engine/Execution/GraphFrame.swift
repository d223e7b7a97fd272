internal import Messages
internal import Model

/// Where one node of a frame stands.
struct NodeState: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
        /// Not all of its incoming edges are resolved.
        case pending
        /// It can run now; nothing of that is journaled yet.
        case ready
        /// Its expressions are being evaluated; nothing of that is journaled yet.
        case resolving
        /// An attempt began.
        case active
        case waiting(until: WallTime)
        /// An attempt failed; the next begins then.
        case retrying(at: WallTime)
        case suspended(Interrupt)
        case completed
        case failed
        case skipped
        case cancelled
    }

    var phase = Phase.pending
    /// The newest attempt, from 1.
    var attempt: Int32 = 0
    var interruptedAttempts: Int32 = 0
    /// Interrupts opened so far.
    var interrupts: Int32 = 0
    var startedAt: WallTime?
    /// Its result, or the error it routes, once it has one.
    var output: String?
    /// Its place in the order of completion, from 1.
    var completion: Int32 = 0

    /// Whether it keeps the execution running.
    var isBusy: Bool {
        switch phase {
        case .ready, .resolving, .active, .waiting, .retrying: true
        case .pending, .suspended, .completed, .failed, .skipped, .cancelled: false
        }
    }

    /// Whether it only waits for a timer.
    var isTimed: Bool {
        switch phase {
        case .waiting, .retrying: true
        default: false
        }
    }

    /// Whether it has begun and not ended.
    var isOpen: Bool {
        switch phase {
        case .active, .waiting, .retrying, .suspended: true
        default: false
        }
    }
}

/// One graph being run: which nodes stand where, and which edges were chosen.
///
/// An execution has one frame; bodies (loops, catches) will be further frames with a prefix.
struct GraphFrame: Sendable, Equatable {
    private enum EdgeState: UInt8, Sendable { case open, chosen, dead }

    let graph: WorkflowGraph
    let prefix: String
    private(set) var nodes: [NodeState]
    private var edges: [EdgeState]
    private var unresolved: [Int32]
    /// Nodes whose incoming edges are all resolved, in that order, to be run or skipped.
    private(set) var ready: [Int] = []
    private var completions: Int32 = 0

    init(graph: WorkflowGraph, prefix: String = "") {
        self.graph = graph
        self.prefix = prefix
        nodes = Array(repeating: NodeState(), count: graph.nodes.count)
        edges = Array(repeating: .open, count: graph.edges.count)
        unresolved = graph.nodes.map { Int32($0.incoming.count) }
    }

    static func == (left: Self, right: Self) -> Bool {
        left.graph === right.graph && left.prefix == right.prefix && left.nodes == right.nodes
            && left.edges == right.edges && left.ready == right.ready
    }

    func path(_ node: Int) -> NodePath { NodePath(prefix: prefix, nodeID: graph.nodes[node].id) }

    /// The node at `path`, if it is of this frame.
    func position(of path: String) -> Int? {
        guard prefix.isEmpty else {
            guard path.hasPrefix(prefix + ".") else { return nil }
            return graph.position(of: String(path.dropFirst(prefix.count + 1)))
        }
        return graph.position(of: path)
    }

    mutating func begin() {
        guard nodes[graph.start].phase == .pending else { return }
        makeReady(graph.start)
    }

    mutating func update(_ node: Int, _ change: (inout NodeState) -> Void) {
        change(&nodes[node])
    }

    mutating func makeReady(_ node: Int) {
        nodes[node].phase = .ready
        ready.append(node)
    }

    mutating func popReady() -> Int? {
        ready.isEmpty ? nil : ready.removeFirst()
    }

    /// Removes a node from those that are to be run, where an event says what became of it.
    private mutating func unready(_ node: Int) {
        if let index = ready.firstIndex(of: node) { ready.remove(at: index) }
    }

    mutating func started(_ node: Int, attempt: Int32, at time: WallTime) {
        unready(node)
        nodes[node].phase = .active
        nodes[node].attempt = attempt
        nodes[node].startedAt = time
    }

    /// The node has a result; edges by `handle` are chosen, the others dead.
    mutating func ended(_ node: Int, phase: NodeState.Phase, output: String, handle: String) {
        unready(node)
        completions += 1
        nodes[node].phase = phase
        nodes[node].output = output
        nodes[node].completion = completions
        for edge in graph.nodes[node].outgoing {
            resolve(edge, graph.edges[edge].handle == handle ? .chosen : .dead)
        }
    }

    mutating func skipped(_ node: Int) {
        unready(node)
        nodes[node].phase = .skipped
        for edge in graph.nodes[node].outgoing { resolve(edge, .dead) }
    }

    private mutating func resolve(_ edge: Int, _ state: EdgeState) {
        guard edges[edge] == .open else { return }
        edges[edge] = state
        let target = graph.edges[edge].target
        unresolved[target] -= 1
        if unresolved[target] == 0, nodes[target].phase == .pending { makeReady(target) }
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
