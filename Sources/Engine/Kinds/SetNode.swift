internal import JSON

/// `set`: builds a value.
struct SetNode: NodeKind {
    static let name = "set"

    init(_ fields: inout NodeFields) {
        fields.template("value", isRequired: true)
    }

    var handles: HandleRule { .plain }

    func step(_ node: NodeContext) -> NodeStep {
        .complete(output: node.fields["value"]?.text ?? "null", handle: "")
    }
}
