internal import JSON
internal import Messages
internal import Model
internal import Store

/// `workflow`: runs another workflow as a child execution in the same workspace. Waits for its end,
/// whose output becomes its own, or goes on at once.
struct WorkflowNode: DelegatingKind {
    static let name = "workflow"

    /// Whether it ends with its child.
    let waits: Bool
    /// Whether the child is cancelled when the node is given up or the execution ends.
    let endsWithParent: Bool
    private let version: Int32?
    private let hasInput: Bool

    init(_ fields: inout NodeFields) {
        let workflow = fields.template("workflowId", isRequired: true, ofType: ["string"])
        if let id = workflow?.stringValue, !NodeFields.isExpression(workflow),
            !WorkflowCompiler.isWorkflowID(id)
        {
            fields.fault(
                .badID, "workflowId", "expected 1 to 128 of A-Z a-z 0-9 _ - ., got '\(id)'")
        }
        version = fields.integer("version", in: 1...Int64(Int32.max)).map { Int32($0) }
        hasInput = fields.template("input") != nil
        waits = fields.bool("wait") ?? true
        // A child that nobody waits for is mostly meant to outlive its parent.
        let policy = fields.choice("onParentEnd", of: ["cancel", "abandon"])
        endsWithParent = policy.map { $0 == "cancel" } ?? waits
    }

    var handles: HandleRule { .plain }

    func step(_ node: NodeContext) -> NodeStep {
        let fields = node.fields
        guard let workflowID = fields["workflowId"]?.stringValue else {
            let got = fields["workflowId"]?.text ?? "nothing"
            return .fail(NodeFailure("WORKFLOW_NOT_FOUND", "expected a workflow's id, got \(got)"))
        }
        return .body(
            .child(
                ChildPlan(
                    workflowID: workflowID, version: version,
                    inputJSON: hasInput ? fields["input"]?.text ?? "null" : node.input,
                    waits: waits)))
    }

    func withdraw(_ attempt: DelegatedAttempt) -> [Change] {
        guard endsWithParent, let child = attempt.delegate?.number, child > 0 else { return [] }
        return [Self.end(child, of: attempt.header)]
    }

    /// Tells a child that its parent, or the node that waits for it, has ended.
    static func end(_ child: Int64, of parent: ExecutionCreated) -> Change {
        .insertInbox(
            InboxRow(
                InboxMessage(
                    kind: .parentEnded(
                        ParentEnded(
                            parentID: parent.id, reason: "execution \(parent.number) ended"))),
                to: ExecutionNumber(rawValue: child)))
    }
}

/// The child execution that a node asks for.
package struct ChildPlan: Sendable, Equatable {
    let workflowID: String
    /// nil: the newest.
    let version: Int32?
    let inputJSON: String
    let waits: Bool
}
