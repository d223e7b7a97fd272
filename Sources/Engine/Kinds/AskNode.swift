internal import JSON
internal import Messages

/// `ask`: waits for an answer, which becomes its output. A rejected question leaves by `rejected`.
struct AskNode: InterruptKind {
    static let name = "ask"

    private let fields: InterruptFields
    private let schema: (schema: JSONSchema, text: String)?

    init(_ fields: inout NodeFields) {
        self.fields = InterruptFields(&fields, actions: [.reject, .fail, .route])
        schema = fields.schema("schema")
    }

    var onDeadline: DeadlineAction { fields.onDeadline }

    var handles: HandleRule {
        HandleRule(plain: "answered", named: ["answered", "rejected"] + fields.handles)
    }

    func step(_ node: NodeContext) -> NodeStep {
        do throws(NodeFailure) {
            return .interrupt(try fields.draft(.question, node, schemaJSON: schema?.text ?? ""))
        } catch {
            return .fail(error)
        }
    }

    func answered(_ response: InterruptResponse, votes: [Vote]) throws(AnswerRefusal)
        -> InterruptAnswer
    {
        if response.decision == .reject {
            return .rejected(output: InterruptFields.output(decision: "rejected", response))
        }
        guard !response.dataJSON.isEmpty else {
            throw AnswerRefusal(
                reason: "ANSWER_REQUIRED", message: "expected an answer in data_json, got none",
                violations: [("data_json", "a question needs an answer")])
        }
        if let schema {
            try InterruptFields.check(response.dataJSON, schema.schema, "question")
        }
        return .accepted(.answered, output: response.dataJSON, handle: "answered")
    }

    func approvedAtDeadline() -> InterruptAnswer { .rejected(output: "null") }
}
