internal import JSON
internal import Messages

/// What a replay needs of the execution it repeats, read from its journal.
struct ReplaySource {
    private let graph: WorkflowGraph
    private(set) var inputJSON = ""
    private var reached: Set<Int> = []
    private var outcomes: [Int: TakenResult.Outcome] = [:]

    init(graph: WorkflowGraph) {
        self.graph = graph
    }

    mutating func add(_ batch: EventBatch) {
        for event in batch.events {
            switch event.kind {
            case .executionCreated(let created):
                inputJSON = created.inputJSON
            case .nodeStarted(let started):
                if let node = graph.position(of: started.nodePath) { reached.insert(node) }
            case .nodeCompleted(let completed):
                guard let node = graph.position(of: completed.nodePath) else { continue }
                reached.insert(node)
                outcomes[node] = .completed(completed)
            case .nodeFailed(let failed) where failed.routed:
                guard let node = graph.position(of: failed.nodePath) else { continue }
                outcomes[node] = .routed(failed)
            case .nodeSkipped(let skipped):
                if let node = graph.position(of: skipped.nodePath) { outcomes[node] = .skipped }
            default:
                break
            }
        }
    }

    /// The results to take over when it starts again at `nodeID`: of all nodes not downstream of it.
    func taken(from nodeID: String?) throws(EngineError) -> [TakenResult] {
        guard let nodeID else { return [] }
        guard let from = graph.position(of: nodeID) else {
            throw Self.badNode(
                "UNKNOWN_NODE", nodeID, "there is no node '\(nodeID)' on the top level")
        }
        guard reached.contains(from) else {
            throw Self.badNode(
                "NODE_NOT_REACHED", nodeID, "the node '\(nodeID)' was never reached")
        }
        let again = graph.downstream(of: from)
        return order().compactMap { node in
            guard !again.contains(node), let outcome = outcomes[node] else { return nil }
            return TakenResult(node: node, outcome: outcome)
        }
    }

    /// Nodes so that sources come before what they lead to.
    private func order() -> [Int] {
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

    private static func badNode(_ reason: String, _ nodeID: String, _ message: String)
        -> EngineError
    {
        EngineError(
            .invalidArgument, reason: reason, message,
            violations: [EngineError.Violation(field: "from_node_id", description: message)])
    }
}
