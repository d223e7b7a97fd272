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

    func answered(_ response: InterruptResponse) throws(AnswerRefusal) -> InterruptAnswer {
        if response.decision == .reject {
            return .rejected(output: InterruptFields.output(decision: "rejected", response))
        }
        guard !response.dataJSON.isEmpty else {
            throw AnswerRefusal(
                reason: "ANSWER_REQUIRED", message: "expected an answer in data_json, got none",
                violations: [("data_json", "a question needs an answer")])
        }
        if let schema {
            let value: JSONValue
            do throws(JSONError) {
                value = try JSONValue(parsing: response.dataJSON)
            } catch {
                throw AnswerRefusal(
                    reason: "ANSWER_INVALID", message: "the answer is no JSON: \(error)",
                    violations: [("data_json", error.description)])
            }
            let faults = schema.schema.validate(value)
            guard faults.isEmpty else {
                throw AnswerRefusal(
                    reason: "ANSWER_INVALID",
                    message: "the answer does not satisfy the question's schema: \(faults[0])",
                    violations: faults.map { ("data_json\($0.pointer)", $0.message) })
            }
        }
        return .accepted(.answered, output: response.dataJSON, handle: "answered")
    }

    func approvedAtDeadline() -> InterruptAnswer { .rejected(output: "null") }
}
