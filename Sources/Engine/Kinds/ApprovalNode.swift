internal import JSON
internal import Messages

/// `approval`: waits for a decision and leaves by `approved` or `rejected`.
struct ApprovalNode: InterruptKind {
    static let name = "approval"

    /// So many people can be asked to agree.
    private static let approvalsMax: Int64 = 100

    private let fields: InterruptFields
    private let approvalsNeeded: Int32
    private let schema: (schema: JSONSchema, text: String)?

    init(_ fields: inout NodeFields) {
        self.fields = InterruptFields(&fields, actions: DeadlineAction.allCases)
        approvalsNeeded = Int32(fields.integer("approvals", in: 1...Self.approvalsMax) ?? 1)
        schema = fields.schema("schema")
    }

    var onDeadline: DeadlineAction { fields.onDeadline }

    var handles: HandleRule {
        HandleRule(plain: "approved", named: ["approved", "rejected"] + fields.handles)
    }

    func step(_ node: NodeContext) -> NodeStep {
        do throws(NodeFailure) {
            var draft = try fields.draft(.approval, node, schemaJSON: schema?.text ?? "")
            draft.approvalsNeeded = approvalsNeeded
            return .interrupt(draft)
        } catch {
            return .fail(error)
        }
    }

    func answered(_ response: InterruptResponse, votes: [Vote]) throws(AnswerRefusal)
        -> InterruptAnswer
    {
        switch response.decision {
        case .approve:
            if let schema {
                // No data is a document too: the schema says whether it will do.
                let data = response.dataJSON.isEmpty ? "null" : response.dataJSON
                try InterruptFields.check(data, schema.schema, "approval")
            }
            let output = InterruptFields.output(decision: "approved", response, votes: votes)
            return .accepted(.approved, output: output, handle: "approved")
        case .reject:
            return .rejected(
                output: InterruptFields.output(decision: "rejected", response, votes: votes))
        case .unspecified, .unrecognized:
            throw AnswerRefusal(
                reason: "DECISION_REQUIRED",
                message: "expected the decision APPROVE or REJECT, got none",
                violations: [("decision", "an approval needs APPROVE or REJECT")])
        }
    }

    func approvedAtDeadline() -> InterruptAnswer {
        let output = InterruptFields.output(
            decision: "approved", InterruptResponse(reason: "deadline passed"))
        return .accepted(.expired, output: output, handle: "approved")
    }
}
