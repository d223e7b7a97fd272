package import Messages
package import Model

/// Readings of what is about many executions at once: tags, groups and batches.
package protocol ManyStore: TagStore, GroupStore, BatchStore {}

/// Changes of what is about many executions at once.
package enum ManyChange: Sendable {
    case tag(TagChange)
    case batch(BatchChange)
    /// The execution, inserted by the same commit, needs a place in each group before it starts. It
    /// belongs to them until it is final.
    case joinGroups(ExecutionNumber, [ConcurrencyGroup])
    /// Keeps a definition as version 1 of a workflow whose id is made of its text, if it is not there
    /// already. Refused with `.notFound` if its pod is gone.
    case keepInline(WorkflowVersionRow)
}

/// Readings of which executions count against which limits.
package protocol GroupStore: Sendable {
    /// The memberships of executions above `number` that are not final, by number; `limit` executions.
    func groupMembers(after number: ExecutionNumber?, limit: Int) async throws(StoreError)
        -> [GroupMember]
}

/// A non-final execution and the groups it belongs to.
package struct GroupMember: Sendable, Equatable {
    package let number: ExecutionNumber
    /// In the order in which it needs a place in them.
    package var groups: [ConcurrencyGroup]
    /// It has its places: it is not queued.
    package let hasStarted: Bool

    package init(number: ExecutionNumber, groups: [ConcurrencyGroup], hasStarted: Bool) {
        self.number = number
        self.groups = groups
        self.hasStarted = hasStarted
    }
}

/// Ids of workflows that were made from a definition given inline. No workflow that somebody saves can
/// have such an id.
package enum InlineWorkflow {
    package static let idPrefix = "inline:"

    package static func isInline(_ workflowID: String) -> Bool { workflowID.hasPrefix(idPrefix) }
}
