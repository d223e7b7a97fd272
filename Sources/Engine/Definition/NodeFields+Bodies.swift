internal import JSON
internal import Model

/// Where bodies are compiled: how deep, and with which limits.
struct BodyNesting: Sendable {
    var limits = Limits()
    var allowsUnregistered = false
    /// Of the bodies that are read: 1 for those of the workflow's own nodes.
    var depth = 1
    /// Kinds that workers have registered, with their schemas.
    var registeredKinds: [String: JSONSchema?] = [:]
}

/// The graph of a body, or what is wrong with it.
struct CompiledBody: Sendable {
    /// What the body is called in a path, behind its node's id: `[]` or `.catch[0]`.
    let name: String
    /// Where it is in the graph that its node belongs to.
    let pointer: JSONPointer
    let result: WorkflowCompiler.Result
}

extension NodeFields {
    /// A field that holds a graph of its own.
    /// - Parameter name: what it is called in a path, behind its node's id.
    mutating func body(_ field: String, name: String, isRequired: Bool = false) -> WorkflowGraph? {
        guard let value = isRequired ? required(field) : value(field) else { return nil }
        guard let object = value.objectValue else {
            return badType(field, "an object with nodes and edges", value)
        }
        guard nesting.depth <= nesting.limits.bodyDepthMax else {
            fault(
                .tooDeep, field,
                "a body \(nesting.depth) deep exceeds the limit of \(nesting.limits.bodyDepthMax)")
            return nil
        }
        for key in object.keys where !["nodes", "edges", "name", "description"].contains(key) {
            faults.add(
                .unknownField, pointer.appending(field).appending(key), node: nodeID,
                "expected a body to have nodes and edges, got the field '\(key)'")
        }
        let result = WorkflowCompiler.compile(body: object, nesting)
        bodies.append(
            CompiledBody(name: name, pointer: pointer.appending(field), result: result))
        guard let graph = result.graph else { return nil }
        if graph.inputSchema != nil {
            fault(
                .badValue, field, "the start of a body takes no inputSchema: only a workflow's does"
            )
        }
        return graph
    }

    /// Takes over what was read of an object within.
    mutating func adopt(_ inner: NodeFields) {
        adopt(inner.faults)
        bodies += inner.bodies
    }
}
