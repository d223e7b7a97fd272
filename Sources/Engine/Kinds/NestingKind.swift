internal import Messages

/// A node kind with graphs of its own, which run in frames of their own.
protocol NestingKind: NodeKind {
    /// The graph of a body; nil where it has none.
    func body(_ kind: BodyKind, _ index: Int) -> WorkflowGraph?

    /// All of them, each once.
    var bodies: [WorkflowGraph] { get }
}

extension WorkflowGraph.Node {
    /// Whether people decide there, or at a node within it.
    var holdsDecision: Bool {
        if let kind = action as? any InterruptKind { return kind.isDecision }
        guard let kind = action as? any NestingKind else { return false }
        return kind.bodies.contains { $0.nodes.contains(where: \.holdsDecision) }
    }
}

extension WorkflowGraph.Node {
    /// Whether it is a node that waits for a child execution.
    var isAwaitingChild: Bool { (action as? WorkflowNode)?.waits ?? false }

    /// Whether it waits for a child execution, or has a node within that does.
    var awaitsChild: Bool {
        if isAwaitingChild { return true }
        guard let kind = action as? any NestingKind else { return false }
        return kind.bodies.contains { $0.nodes.contains(where: \.awaitsChild) }
    }
}

/// What bodies are called in node paths.
enum BodyName {
    /// Behind the path of the node: `[2]`, `.try`, `.catch[0]`, `.finally`.
    static func suffix(_ kind: BodyKind, _ index: Int) -> String {
        switch kind {
        case .try: ".try"
        case .catch: ".catch[\(index)]"
        case .finally: ".finally"
        case .item, .unspecified, .unrecognized: "[\(index)]"
        }
    }
}

extension WorkflowGraph {
    /// The node at a path, whether or not it was ever reached; nil where there can be none.
    func node(atPath path: String) -> Node? {
        var graph = self
        var parts = path.split(separator: ".", omittingEmptySubsequences: false)[...]
        while let part = parts.popFirst() {
            guard let (name, index) = Self.split(part), let position = graph.position(of: name)
            else { return nil }
            let node = graph.nodes[position]
            if parts.isEmpty { return index == nil ? node : nil }
            guard let kind = node.action as? any NestingKind else { return nil }
            let body: WorkflowGraph?
            if let index {
                body = kind.body(.item, index)
            } else {
                switch parts.popFirst().flatMap(Self.split) {
                case ("try", nil)?: body = kind.body(.try, 0)
                case ("catch", let clause?)?: body = kind.body(.catch, clause)
                case ("finally", nil)?: body = kind.body(.finally, 0)
                default: body = nil
                }
            }
            guard let body else { return nil }
            graph = body
        }
        return nil
    }

    /// `name` and `index` of `name[index]`.
    private static func split(_ part: Substring) -> (name: String, index: Int?)? {
        guard let bracket = part.firstIndex(of: "[") else { return (String(part), nil) }
        guard part.last == "]", let index = Int(part[part.index(after: bracket)...].dropLast()),
            index >= 0
        else { return nil }
        return (String(part[..<bracket]), index)
    }
}
