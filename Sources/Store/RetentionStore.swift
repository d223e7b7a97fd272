package import Messages
package import Model

/// The part of a store about erasing what has ended.
package protocol RetentionStore: Sendable {
    /// Final executions of a workspace, oldest first, keyset-paged on (created_at, number).
    func ended(workspaceID: String, after position: ExecutionQuery.Position?, limit: Int)
        async throws(StoreError) -> [EndedExecution]

    /// Workspaces that have settings, by id, with them.
    func workspaceSettings(after workspaceID: String?, limit: Int) async throws(StoreError)
        -> [(workspaceID: String, settings: WorkspaceSettings)]

    /// Gives disk space back that erased rows have left, at most so many pages of it, between two
    /// groups of the committer.
    /// - Returns: how many pages are left to be given back.
    func reclaim(pagesMax: Int) async throws(StoreError) -> Int
}

/// A final execution as retention sees it.
package struct EndedExecution: Sendable, Equatable {
    package let position: ExecutionQuery.Position
    package let endedAt: WallTime
    package let isTagged: Bool

    package var number: ExecutionNumber { position.number }

    package init(position: ExecutionQuery.Position, endedAt: WallTime, isTagged: Bool) {
        self.position = position
        self.endedAt = endedAt
        self.isTagged = isTagged
    }
}
