internal import JSON

/// `if`: leaves by `true` or `false`; its output is its input.
struct IfNode: NodeKind {
    static let name = "if"

    init(_ fields: inout NodeFields) {
        fields.template("condition", isRequired: true, ofType: ["boolean"])
    }

    var handles: HandleRule {
        HandleRule(plain: nil, named: ["true", "false"], canContinue: false)
    }

    func step(_ node: NodeContext) -> NodeStep {
        switch node.fields["condition"] {
        case .bool(let condition)?:
            .complete(output: node.input, handle: condition ? "true" : "false")
        case let other:
            .fail(
                NodeFailure(
                    "CONDITION_NOT_BOOLEAN",
                    "expected the condition to be true or false, got \(other?.typeName ?? "nothing")"
                ))
        }
    }
}
