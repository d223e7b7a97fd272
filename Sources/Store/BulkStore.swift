package import Messages
package import Model

/// Readings of bulk operations.
package protocol BulkStore: Sendable {
    func bulk(_ reference: ExecutionReference, workspaceID: String?) async throws(StoreError)
        -> BulkRow?
    /// The operation that a request with this id made, and that request's hash.
    func bulk(requestID: String, workspaceID: String) async throws(StoreError)
        -> (operation: BulkOperation, hash: [UInt8])?
    /// Newest first, of numbers below `before`; no statuses: all.
    func bulks(workspaceID: String, statuses: [BulkStatus], before: Int64?, limit: Int)
        async throws(StoreError) -> [BulkOperation]
    /// Those of all workspaces that have not ended, after the one with this number, oldest first.
    func openBulks(after number: Int64, limit: Int) async throws(StoreError)
        -> [(number: Int64, workspaceID: String)]
    /// In the order they were taken, after `position`; no outcomes: all.
    func bulkResults(_ number: Int64, after position: Int64, outcomes: [BulkOutcome], limit: Int)
        async throws(StoreError) -> [BulkResult]
}

/// A bulk operation and how far it is.
package struct BulkRow: Sendable, Equatable {
    package var operation: BulkOperation
    /// Where the next executions are taken; nil: at the newest.
    package var cursor: ExecutionQuery.Position?
    /// There are no more to take.
    package var hasTakenAll: Bool
    /// Whom it runs as; nil where it was started before that was recorded.
    package var principal: Principal?

    package init(
        operation: BulkOperation, cursor: ExecutionQuery.Position? = nil,
        hasTakenAll: Bool = false, principal: Principal? = nil
    ) {
        self.operation = operation
        self.principal = principal
        self.cursor = cursor
        self.hasTakenAll = hasTakenAll
    }
}

/// Changes of bulk operations.
package enum BulkChange: Sendable {
    /// A new one, which gets the next number. Refused with `.nameInUse` if its request id was used, and
    /// with `.tooMany` if `openMax` of the workspace have not ended. Of those that have, the newest
    /// `keep` stay.
    case insert(
        BulkOperation, principal: Principal?, requestID: String, requestHash: [UInt8], openMax: Int,
        keep: Int)
    /// These executions are the next to be acted on. Refused with `.notFound` if it was stopped.
    case take(
        Int64, [(number: ExecutionNumber, id: String)], cursor: ExecutionQuery.Position?,
        hasTakenAll: Bool)
    /// What became of some that were taken; does nothing for one that is settled already.
    case settle(Int64, [BulkResult])
    /// Takes no more. Refused with `.notFound` if it was stopped or has gone through all.
    case stop(Int64, by: String)
    /// Stopped for that reason, by nobody, if it has not ended, whether or not it has taken all.
    case halt(Int64, reason: String)
    /// Nothing that was taken is left to be done.
    case end(Int64, at: WallTime)
}
