internal import JSON

/// `fail`: ends in an error of its own.
struct FailNode: NodeKind {
    static let name = "fail"

    init(_ fields: inout NodeFields) {
        if let code = fields.template("code", ofType: ["string"]), !NodeFields.isExpression(code),
            let text = code.stringValue, !Self.isCode(text)
        {
            fields.fault(
                .badValue, "code",
                "expected 1 to 64 of A-Z, 0-9 and _, beginning with a letter, got '\(text)'")
        }
        fields.template("message", ofType: ["string"])
        fields.template("details")
    }

    var handles: HandleRule { .plain }

    func step(_ node: NodeContext) -> NodeStep {
        let fields = node.fields
        let code = fields["code"]?.stringValue ?? "FAILED"
        let message = fields["message"].map { $0.stringValue ?? $0.text } ?? ""
        return .fail(
            NodeFailure(
                Self.isCode(code) ? code : "FAILED", message,
                detailsJSON: fields["details"]?.text ?? ""))
    }

    private static func isCode(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= 64, (0x41...0x5A).contains(first) else {
            return false
        }
        return bytes.allSatisfy {
            (0x41...0x5A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
        }
    }
}
