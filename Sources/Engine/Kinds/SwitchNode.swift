internal import JSON

/// `switch`: leaves by the case that equals its value, or by `default`; its output is its input.
struct SwitchNode: NodeKind {
    static let name = "switch"

    private static let casesMax = 256
    private let cases: [String]

    init(_ fields: inout NodeFields) {
        fields.template("value", isRequired: true)
        var names: [String] = []
        if let value = fields.required("cases") {
            if let elements = value.arrayValue, !elements.isEmpty, elements.count <= Self.casesMax {
                for element in elements {
                    guard let name = element.stringValue, !name.isEmpty, !name.contains("${") else {
                        fields.fault(
                            .badValue, "cases", "expected plain names, got \(element.text)")
                        continue
                    }
                    if names.contains(name) || name == "default" || name == "error" {
                        fields.fault(.badValue, "cases", "the case '\(name)' is not unique")
                    }
                    names.append(name)
                }
            } else {
                fields.fault(
                    .badType, "cases", "expected an array of 1 to \(Self.casesMax) names")
            }
        }
        cases = names
    }

    var handles: HandleRule {
        HandleRule(plain: nil, named: cases + ["default"], canContinue: false)
    }

    func step(_ node: NodeContext) -> NodeStep {
        let value = node.fields["value"] ?? .null
        let name = value.stringValue ?? value.text
        return .complete(output: node.input, handle: cases.contains(name) ? name : "default")
    }
}
