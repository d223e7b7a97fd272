internal import Messages
package import Store

/// What happens in a workspace from now on: events of all its executions.
package struct WorkspaceEvents: Sendable {
    package let rows: WorkspaceWatch
    /// Decodes a row.
    package let filter = WatchFilter(afterSequence: 0, withoutPayloads: false)
}

extension Operations {
    /// Listens to all executions of a workspace. Needs viewer.
    package func watchWorkspace(workspaceID: String = "", by caller: Caller)
        async throws(OperationError) -> WorkspaceEvents
    {
        let grant = try await authorise(.watchWorkspace, caller, workspaceID: workspaceID)
        return WorkspaceEvents(rows: feed.workspaces.listen(workspaceID: grant.workspaceID))
    }
}
