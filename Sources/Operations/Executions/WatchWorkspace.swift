package import Messages
internal import Model
internal import Redaction
package import Store

/// What happens in a workspace from now on: events of all its executions. For one task.
package struct WorkspaceEvents: Sendable {
    package let rows: WorkspaceWatch
    private let operations: Operations
    private let grant: Authoriser.Grant
    /// Decodes a row.
    private let filter = WatchFilter(afterSequence: 0, withoutPayloads: false)
    /// What started the executions under way, as far as known; at most as many as a listener may be
    /// behind with.
    private var triggers: [ExecutionNumber: TriggerKind] = [:]

    fileprivate init(_ rows: WorkspaceWatch, _ operations: Operations, _ grant: Authoriser.Grant) {
        self.rows = rows
        self.operations = operations
        self.grant = grant
    }

    /// The events of one row, masked as the workspace's policy says now: a listener may stay for
    /// longer than a policy does.
    /// - Throws: `.internal` for a row that does not decode, or where the store fails.
    package mutating func events(_ row: JournalRow)
        async throws(OperationError) -> [ExecutionEvent]
    {
        var events = try filter.events(row)
        let showing = try await operations.showing(grant)
        let trigger = try await trigger(row, events)
        guard let redactor = showing.redactor(trigger) else { return events }
        for index in events.indices { redactor.redact(&events[index]) }
        return events
    }

    /// What started the execution of a row: its first event says it, or the store where that came
    /// before this listener.
    private mutating func trigger(_ row: JournalRow, _ events: [ExecutionEvent])
        async throws(OperationError) -> TriggerKind
    {
        let trigger: TriggerKind
        if case .executionCreated(let created)? = events.first?.kind {
            trigger = created.trigger
        } else if let known = triggers[row.number] {
            trigger = known
        } else {
            let store = operations.store
            let execution = try await operations.reading { () async throws(StoreError) in
                try await store.execution(.number(row.number), workspaceID: nil)
            }
            // Of what was erased meanwhile nothing is known: no policy spares it.
            trigger = execution?.execution.trigger ?? .unspecified
        }
        if row.endsExecution {
            triggers[row.number] = nil
        } else {
            if triggers.count >= operations.limits.listenerExecutionsMax { triggers.removeAll() }
            triggers[row.number] = trigger
        }
        return trigger
    }
}

extension Operations {
    /// Listens to all executions of a workspace, masked as its policy says. Needs viewer.
    package func watchWorkspace(workspaceID: String = "", by caller: Caller)
        async throws(OperationError) -> WorkspaceEvents
    {
        let grant = try await authorise(.watchWorkspace, caller, workspaceID: workspaceID)
        return WorkspaceEvents(
            feed.workspaces.listen(workspaceID: grant.workspaceID), self, grant)
    }
}
