internal import JSON
internal import Messages

/// What a replay or retry needs of the execution it goes on from, read from its journal.
///
/// Nodes are known by their ids, so that the results can be taken over into another version.
struct ReplaySource {
    private let graph: WorkflowGraph
    private(set) var inputJSON = ""
    private var reached: Set<Int> = []
    private var outcomes: [Int: TakenResult.Outcome] = [:]
    /// Whether anything in it waits for children.
    private let awaitsChildren: Bool
    /// Of its nodes, those whose children, or children of nodes within, people may have decided in.
    private var decidedInChildren: Set<Int> = []

    /// - Parameter graph: the version that the source ran.
    init(graph: WorkflowGraph) {
        self.graph = graph
        awaitsChildren = graph.nodes.contains(where: \.awaitsChild)
    }

    /// Whether people decided at the node with this id, at a node within, or in a child that was waited
    /// for there; also where nothing tells that they did not.
    func holdsDecision(_ nodeID: String) -> Bool {
        guard let node = graph.position(of: nodeID) else { return false }
        return graph.nodes[node].holdsDecision || decidedInChildren.contains(node)
    }

    mutating func add(_ batch: EventBatch) {
        for event in batch.events {
            switch event.kind {
            case .executionCreated(let created):
                inputJSON = created.inputJSON
            case .nodeStarted(let started):
                if let node = graph.position(of: started.nodePath) { reached.insert(node) }
            case .nodeCompleted(let completed):
                note(completed.nodePath, completed.withoutDecision, isReused: completed.reused)
                guard let node = graph.position(of: completed.nodePath) else { continue }
                reached.insert(node)
                outcomes[node] = .completed(completed)
            case .nodeFailed(let failed):
                note(failed.nodePath, failed.withoutDecision)
                guard failed.routed, let node = graph.position(of: failed.nodePath) else {
                    continue
                }
                outcomes[node] = .routed(failed)
            case .nodeSkipped(let skipped):
                if let node = graph.position(of: skipped.nodePath) { outcomes[node] = .skipped }
            default:
                break
            }
        }
    }

    /// A node has ended, of which it is told whether nobody was asked in the child it waited for. What
    /// was taken over stands for all within it.
    private mutating func note(_ path: String, _ isWithoutDecision: Bool, isReused: Bool = false) {
        guard awaitsChildren, !isWithoutDecision, let node = graph.node(atPath: path),
            isReused ? node.awaitsChild : node.isAwaitingChild
        else { return }
        let name = path.prefix { $0 != "." && $0 != "[" }
        if let top = graph.position(of: String(name)) { decidedInChildren.insert(top) }
    }

    /// The results to take over when `target` starts again at `nodeID`: of all nodes not downstream
    /// of it.
    func taken(from nodeID: String?, in target: WorkflowGraph) throws(EngineError) -> [TakenResult]
    {
        guard let nodeID else { return [] }
        guard let from = target.position(of: nodeID) else {
            throw Self.badNode(
                "UNKNOWN_NODE", nodeID, "there is no node '\(nodeID)' on the top level")
        }
        guard let before = graph.position(of: nodeID), reached.contains(before) else {
            throw Self.badNode(
                "NODE_NOT_REACHED", nodeID, "the node '\(nodeID)' was never reached")
        }
        let again = target.downstream(of: from)
        return try results(in: target) { !again.contains($0) }
    }

    /// The results to take over when everything that did not complete runs in `target`.
    func completed(in target: WorkflowGraph) throws(EngineError) -> [TakenResult] {
        let open = reached.filter { outcomes[$0] == nil }.sorted().map { graph.nodes[$0] }
        let missing = open.filter { node in
            target.position(of: node.id).map { target.nodes[$0].kind } != node.kind
        }
        guard missing.isEmpty else { throw Self.missing(missing.map(\.id)) }
        return try results(in: target) { _ in true }
    }

    /// The results of those nodes, so that sources come before what they lead to.
    private func results(in target: WorkflowGraph, where isWanted: (Int) -> Bool)
        throws(EngineError) -> [TakenResult]
    {
        var results: [TakenResult] = []
        var misfits: [String] = []
        for node in Self.order(of: target) where isWanted(node) {
            guard let before = graph.position(of: target.nodes[node].id),
                let outcome = outcomes[before]
            else { continue }
            if case .skipped = outcome {
                // Which ways are taken follows anew from the results, unless nothing changed.
                if target === graph { results.append(TakenResult(node: node, outcome: outcome)) }
            } else if graph.nodes[before].kind == target.nodes[node].kind {
                let isWithout =
                    graph.nodes[before].awaitsChild && !decidedInChildren.contains(before)
                results.append(
                    TakenResult(node: node, outcome: outcome.told(withoutDecision: isWithout)))
            } else {
                misfits.append(target.nodes[node].id)
            }
        }
        guard misfits.isEmpty else { throw Self.missing(misfits) }
        return results
    }

    private static func order(of graph: WorkflowGraph) -> [Int] {
        var counts = graph.nodes.map(\.incoming.count)
        var open = [graph.start]
        var order: [Int] = []
        while let next = open.popLast() {
            order.append(next)
            for edge in graph.nodes[next].outgoing {
                let target = graph.edges[edge].target
                counts[target] -= 1
                if counts[target] == 0 { open.append(target) }
            }
        }
        return order
    }

    /// How many nodes an error names.
    private static let namedMax = 100

    private static func missing(_ nodeIDs: [String]) -> EngineError {
        let named = nodeIDs.prefix(namedMax).joined(separator: ",")
        return EngineError(
            .failedPrecondition, reason: "NODES_MISSING",
            "\(nodeIDs.count) nodes are not in that version, or are of another kind there: \(named)",
            metadata: ["node_ids": named])
    }

    private static func badNode(_ reason: String, _ nodeID: String, _ message: String)
        -> EngineError
    {
        EngineError(
            .invalidArgument, reason: reason, message,
            violations: [EngineError.Violation(field: "from_node_id", description: message)])
    }
}

extension TakenResult.Outcome {
    /// With what is known of decisions in the node's children.
    fileprivate func told(withoutDecision: Bool) -> Self {
        switch self {
        case .completed(var event):
            event.withoutDecision = withoutDecision
            return .completed(event)
        case .routed(var event):
            event.withoutDecision = withoutDecision
            return .routed(event)
        case .skipped: return self
        }
    }
}
