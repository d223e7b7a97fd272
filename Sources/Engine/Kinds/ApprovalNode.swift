internal import JSON
internal import Messages

/// `approval`: waits for a decision and leaves by `approved` or `rejected`.
struct ApprovalNode: InterruptKind {
    static let name = "approval"

    private let fields: InterruptFields

    init(_ fields: inout NodeFields) {
        self.fields = InterruptFields(&fields, actions: DeadlineAction.allCases)
    }

    var onDeadline: DeadlineAction { fields.onDeadline }

    var handles: HandleRule {
        HandleRule(plain: "approved", named: ["approved", "rejected"] + fields.handles)
    }

    func step(_ node: NodeContext) -> NodeStep {
        do throws(NodeFailure) {
            return .interrupt(try fields.draft(.approval, node, schemaJSON: ""))
        } catch {
            return .fail(error)
        }
    }

    func answered(_ response: InterruptResponse) throws(AnswerRefusal) -> InterruptAnswer {
        switch response.decision {
        case .approve:
            let output = InterruptFields.output(decision: "approved", response)
            return .accepted(.approved, output: output, handle: "approved")
        case .reject:
            return .rejected(output: InterruptFields.output(decision: "rejected", response))
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
