internal import JSON

/// `end`: its output is the execution's. Without `output` it is its input.
struct EndNode: NodeKind {
    static let name = "end"

    private let hasOutput: Bool

    init(_ fields: inout NodeFields) {
        hasOutput = fields.template("output") != nil
    }

    var handles: HandleRule { .none }

    func step(_ node: NodeContext) -> NodeStep {
        let output = hasOutput ? node.fields["output"]?.text ?? "null" : node.input
        return .complete(output: output, handle: "")
    }
}
