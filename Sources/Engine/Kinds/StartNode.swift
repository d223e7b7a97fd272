internal import JSON

/// `start`: the entry. Its output is the execution's input.
struct StartNode: NodeKind {
    static let name = "start"

    /// What an input must satisfy; checked before an execution is made.
    let inputSchema: JSONSchema?

    init(_ fields: inout NodeFields) {
        inputSchema = fields.schema("inputSchema")?.schema
    }

    var handles: HandleRule { .plain }

    func step(_ node: NodeContext) -> NodeStep { .complete(output: node.input, handle: "") }
}
