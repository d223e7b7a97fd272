internal import JSON
internal import Messages

/// The nodes and edges of a graph while its text is read, and what is wrong with them as a graph.
struct GraphDraft {
    private(set) var nodes: [WorkflowGraph.Node] = []
    private(set) var edges: [WorkflowGraph.Edge] = []
    /// Where each node is in `nodes[]` of the text.
    private var textPositions: [Int] = []
    private var positions: [String: Int] = [:]
    private var rules: [HandleRule] = []
    /// Edges that were dropped for a fault, as far as their ends are known: that a node among them is not
    /// reached, or a route not led on, may follow from that fault and is none of its own.
    private var doubtfulSources: Set<Int> = []
    private var doubtfulTargets: Set<Int> = []
    /// An end of such an edge is not known: it may have been any node.
    private var isSourceUnknown = false
    private var isTargetUnknown = false

    func has(_ nodeID: String) -> Bool { positions[nodeID] != nil }

    /// - Parameters:
    ///   - handles: by which edges may leave it.
    ///   - index: where it is in the text.
    mutating func add(_ node: WorkflowGraph.Node, _ handles: HandleRule, at index: Int) {
        if positions[node.id] == nil {
            positions[node.id] = nodes.count
        } else {
            // Edges that name it are taken for the first one's.
            doubtfulSources.insert(nodes.count)
            doubtfulTargets.insert(nodes.count)
        }
        rules.append(handles)
        textPositions.append(index)
        nodes.append(node)
    }

    /// Adds what is wrong with it as a whole to `faults`.
    /// - Returns: the position of its start; nil where there is none.
    func check(_ faults: inout FaultList) -> Int? {
        checkHandlesThatNeedEdges(&faults)
        let start = findStart(&faults)
        checkCycles(&faults)
        if let start, !isTargetUnknown { checkReachable(from: start, &faults) }
        return start
    }

    // MARK: Edges

    mutating func readEdge(
        _ value: JSONValue, _ index: Int, _ faults: inout FaultList
    ) {
        let pointer = JSONPointer(tokens: ["edges", String(index)])
        guard let object = value.objectValue else {
            faults.add(.badType, pointer, "expected an edge to be an object, got \(value.typeName)")
            isSourceUnknown = true
            isTargetUnknown = true
            return
        }
        let source = end("source", of: object, at: pointer, &faults)
        let target = end("target", of: object, at: pointer, &faults)
        var isDropped = true
        defer {
            if isDropped {
                if let source { doubtfulSources.insert(source) }
                if let target { doubtfulTargets.insert(target) }
                isSourceUnknown = isSourceUnknown || object["source"]?.stringValue == nil
                isTargetUnknown = isTargetUnknown || object["target"]?.stringValue == nil
            }
        }
        var handle = ""
        if let value = object["sourceHandle"], !value.isNull {
            guard let text = value.stringValue else {
                faults.add(
                    .badType, pointer.appending("sourceHandle"),
                    "expected a string or null, got \(value.typeName)")
                return
            }
            handle = text
        }
        guard let source, let target else { return }
        guard let chosen = checkedHandle(handle, of: source, at: pointer, &faults) else { return }
        isDropped = false
        if nodes[target].kind == StartNode.name {
            faults.add(
                .badHandle, pointer.appending("target"), node: nodes[target].id,
                "no edge may lead to the start")
        }
        let isRepeated = nodes[source].outgoing.contains {
            edges[$0].target == target && edges[$0].handle == chosen
        }
        guard !isRepeated else {
            faults.add(
                .duplicateEdge, pointer, node: nodes[source].id,
                "an edge from '\(nodes[source].id)' to '\(nodes[target].id)' by the same handle "
                    + "is there already")
            return
        }
        nodes[source].outgoing.append(edges.count)
        nodes[target].incoming.append(edges.count)
        edges.append(WorkflowGraph.Edge(source: source, handle: chosen, target: target))
    }

    /// The handle as the node chooses it, or nil after a fault.
    private func checkedHandle(
        _ handle: String, of source: Int, at pointer: JSONPointer, _ faults: inout FaultList
    ) -> String? {
        let rule = rules[source]
        let node = nodes[source]
        if handle.isEmpty, let plain = rule.plain { return plain }
        if !handle.isEmpty, rule.named.contains(handle) { return handle }
        var allowed = rule.named
        if rule.plain != nil { allowed.insert("none", at: 0) }
        let message: String
        if allowed.isEmpty {
            message = "no edge may leave a node of kind '\(node.kind)'"
        } else if handle == "error" {
            message = "an edge by 'error' needs onError: route on '\(node.id)'"
        } else {
            message =
                "expected a handle of \(allowed.joined(separator: ", ")), got "
                + (handle.isEmpty ? "none" : "'\(handle)'")
        }
        faults.add(.badHandle, pointer.appending("sourceHandle"), node: node.id, message)
        return nil
    }

    private func end(
        _ field: String, of object: JSONObject, at pointer: JSONPointer, _ faults: inout FaultList
    ) -> Int? {
        guard let id = faults.requiredText(field, in: object, at: pointer, node: "") else {
            return nil
        }
        guard let position = positions[id] else {
            faults.add(
                .danglingEdge, pointer.appending(field), node: id, "there is no node '\(id)'")
            return nil
        }
        return position
    }

    // MARK: The whole graph

    private func checkHandlesThatNeedEdges(_ faults: inout FaultList) {
        for (index, node) in nodes.enumerated() {
            for handle in ["error", "deadline"] where rules[index].named.contains(handle) {
                let isUsed = node.outgoing.contains { edges[$0].handle == handle }
                let isSwitchCase = node.kind == SwitchNode.name && handle == "deadline"
                let isInDoubt = isSourceUnknown || doubtfulSources.contains(index)
                guard !isUsed, !isSwitchCase, !isInDoubt else { continue }
                faults.add(
                    .missingEdge, JSONPointer(tokens: ["nodes", String(textPositions[index])]),
                    node: node.id,
                    "'\(node.id)' routes to '\(handle)', but no edge leaves it by that handle")
            }
        }
    }

    private func findStart(_ faults: inout FaultList) -> Int? {
        let starts = nodes.indices.filter { nodes[$0].kind == StartNode.name }
        guard let first = starts.first else {
            faults.add(
                .missingStart, JSONPointer(tokens: ["nodes"]), "expected one node of kind 'start'")
            return nil
        }
        for extra in starts.dropFirst() {
            faults.add(
                .multipleStart, JSONPointer(tokens: ["nodes", String(textPositions[extra])]),
                node: nodes[extra].id,
                "expected one node of kind 'start', got '\(nodes[extra].id)' too")
        }
        return first
    }

    /// Removes nodes without incoming edges again and again; what stays is on a cycle or behind one.
    private func checkCycles(_ faults: inout FaultList) {
        var counts = nodes.map(\.incoming.count)
        var open = nodes.indices.filter { counts[$0] == 0 }
        while let next = open.popLast() {
            for edge in nodes[next].outgoing {
                let target = edges[edge].target
                counts[target] -= 1
                if counts[target] == 0 { open.append(target) }
            }
        }
        var rest = Set(nodes.indices.filter { counts[$0] > 0 })
        // The same backwards leaves the cycles, and what lies between two of them.
        var isChanged = true
        while isChanged {
            isChanged = false
            for node in rest
            where !nodes[node].outgoing.contains(where: { rest.contains(edges[$0].target) }) {
                rest.remove(node)
                isChanged = true
            }
        }
        for node in rest.sorted() {
            faults.add(
                .cycle, JSONPointer(tokens: ["nodes", String(textPositions[node])]),
                node: nodes[node].id, "'\(nodes[node].id)' can be reached from itself")
        }
    }

    private func checkReachable(from start: Int, _ faults: inout FaultList) {
        var found = doubtfulTargets.union([start])
        var open = Array(found)
        while let next = open.popLast() {
            for edge in nodes[next].outgoing where found.insert(edges[edge].target).inserted {
                open.append(edges[edge].target)
            }
        }
        for node in nodes.indices
        where !found.contains(node) && nodes[node].kind != StartNode.name {
            faults.add(
                .unreachableNode, JSONPointer(tokens: ["nodes", String(textPositions[node])]),
                node: nodes[node].id, "'\(nodes[node].id)' cannot be reached from the start")
        }
    }
}
