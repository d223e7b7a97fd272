internal import Expressions
package import JSON

/// One workflow version, checked and compiled: what an execution runs. Immutable and shared.
///
/// Nodes and edges are known by their positions, so that running needs no look-up by name.
package final class WorkflowGraph: Sendable {
    /// One step.
    package struct Node: Sendable {
        package let id: String
        /// The author's name for it; the id where there is none.
        package let name: String
        package let kind: String
        package let settings: NodeSettings
        let action: any NodeKind
        let data: CompiledData
        /// Positions of its edges.
        package internal(set) var incoming: [Int] = []
        package internal(set) var outgoing: [Int] = []

        init(
            id: String, name: String, kind: String, settings: NodeSettings,
            action: any NodeKind, data: CompiledData
        ) {
            self.id = id
            self.name = name
            self.kind = kind
            self.settings = settings
            self.action = action
            self.data = data
        }
    }

    /// A way from one node to another.
    package struct Edge: Sendable {
        package let source: Int
        /// What its source must choose for it; empty for nodes that do not choose.
        package let handle: String
        package let target: Int
    }

    /// The definition's own id; may be empty.
    package let id: String
    package let name: String
    package let nodes: [Node]
    package let edges: [Edge]
    /// Position of the `start` node.
    package let start: Int
    /// How many executions are under way at once; nil: as many as there are slots.
    let concurrency: ConcurrencySetting?
    private let positions: [String: Int]

    init(
        id: String, name: String, nodes: [Node], edges: [Edge], start: Int,
        concurrency: ConcurrencySetting? = nil
    ) {
        self.concurrency = concurrency
        self.id = id
        self.name = name
        self.nodes = nodes
        self.edges = edges
        self.start = start
        positions = Dictionary(
            nodes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Where the node with this id is.
    package func position(of id: String) -> Int? { positions[id] }

    /// The schema that an input must satisfy; nil: any.
    package var inputSchema: JSONSchema? { (nodes[start].action as? StartNode)?.inputSchema }

    /// Whether the node leaves by `handle` anywhere.
    func hasEdge(from node: Int, handle: String) -> Bool {
        nodes[node].outgoing.contains { edges[$0].handle == handle }
    }

    /// Every node that can be reached from `node`, with itself.
    package func downstream(of node: Int) -> Set<Int> {
        var found: Set<Int> = [node]
        var open = [node]
        while let next = open.popLast() {
            for edge in nodes[next].outgoing where found.insert(edges[edge].target).inserted {
                open.append(edges[edge].target)
            }
        }
        return found
    }
}
