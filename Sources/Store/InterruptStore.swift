package import Messages
package import Model

/// Readings of what is open in a workspace. It follows from the rows of executions, in the same
/// commit: what a list shows, a get shows too.
package protocol InterruptStore: Sendable {
    /// Newest first, keyset-paged on (created_at, number, sequence). Reads no more interrupts than the page
    /// holds.
    func openInterrupts(_ query: InterruptQuery) async throws(StoreError) -> InterruptPage
}

/// What open interrupts to list.
package struct InterruptQuery: Sendable, Equatable {
    package var workspaceID: String
    /// nil: all pods.
    package var podID: String?
    /// Empty: whoever it is meant for. Else meant for any of these.
    package var audience: Set<Audience>
    /// Empty: all types.
    package var types: [InterruptType]
    /// nil: of all workflows.
    package var workflowID: String?
    package var deadlineBefore: WallTime?
    /// 1 to 1,000.
    package var limit: Int
    /// What the interrupts of a page have together at most, in bytes as they are stored; a page has one
    /// whatever its size.
    package var bytesMax: Int
    /// Where the previous page ended.
    package var after: Position?

    /// Whom an interrupt is meant for.
    package enum Audience: Sendable, Hashable {
        /// A principal, or a group, that is named among the assignees.
        case assignee(String)
        case group(String)
        /// Nobody in particular.
        case anybody
    }

    /// A place in the order of the list.
    package struct Position: Sendable, Equatable {
        package let createdAt: WallTime
        package let number: ExecutionNumber
        package let sequence: Int64

        package init(createdAt: WallTime, number: ExecutionNumber, sequence: Int64) {
            self.createdAt = createdAt
            self.number = number
            self.sequence = sequence
        }
    }

    package init(
        workspaceID: String, podID: String? = nil, audience: Set<Audience> = [],
        types: [InterruptType] = [], workflowID: String? = nil, deadlineBefore: WallTime? = nil,
        limit: Int = 50, bytesMax: Int = .max, after: Position? = nil
    ) {
        self.workspaceID = workspaceID
        self.podID = podID
        self.audience = audience
        self.types = types
        self.workflowID = workflowID
        self.deadlineBefore = deadlineBefore
        self.limit = limit
        self.bytesMax = bytesMax
        self.after = after
    }
}

/// One page of open interrupts.
package struct InterruptPage: Sendable {
    package let interrupts: [OpenInterrupt]
    /// What started the execution of each, by its number.
    package let triggers: [Int64: TriggerKind]
    /// nil on the last page.
    package let next: InterruptQuery.Position?

    package init(
        interrupts: [OpenInterrupt], triggers: [Int64: TriggerKind], next: InterruptQuery.Position?
    ) {
        self.interrupts = interrupts
        self.triggers = triggers
        self.next = next
    }
}
