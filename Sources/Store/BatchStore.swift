package import Messages
package import Model

/// Readings of batches.
package protocol BatchStore: Sendable {
    /// One more than the highest number ever used, also by erased batches.
    func nextBatchNumber() throws(StoreError) -> Int64
    /// With its faults.
    func batch(_ reference: ExecutionReference, workspaceID: String?) async throws(StoreError)
        -> Batch?
    /// The batch that a request with this id made, and that request's hash.
    func batch(requestID: String, workspaceID: String) async throws(StoreError)
        -> (batch: Batch, hash: [UInt8])?
    /// Newest first, without faults.
    func batches(_ query: BatchQuery) async throws(StoreError) -> [Batch]
    func batchCount(_ query: BatchQuery) async throws(StoreError) -> Int64
    /// In their order, after `position`; as the executions stand.
    func batchItems(
        _ number: Int64, after position: Int32?, statuses: [ExecutionStatus], room: PageRoom
    ) async throws(StoreError) -> BatchItemPage
    /// Those that somebody began to stop and that are not final, of all workspaces.
    func stoppingBatches(limit: Int) async throws(StoreError) -> [Batch]
}

/// Items of a batch.
package struct BatchItemPage: Sendable {
    package let items: [BatchItem]
    /// Whether there are more after them.
    package let hasMore: Bool

    package init(items: [BatchItem], hasMore: Bool) {
        self.items = items
        self.hasMore = hasMore
    }
}

/// Which batches to list or count.
package struct BatchQuery: Sendable, Equatable {
    package var workspaceID: String
    /// nil: all pods.
    package var podID: String?
    /// Empty: all.
    package var statuses: [BatchStatus]
    /// Numbers below it.
    package var before: Int64?
    package var offset: Int
    package var limit: Int

    package init(
        workspaceID: String, podID: String? = nil, statuses: [BatchStatus] = [],
        before: Int64? = nil, offset: Int = 0, limit: Int = 50
    ) {
        self.workspaceID = workspaceID
        self.podID = podID
        self.statuses = statuses
        self.before = before
        self.offset = offset
        self.limit = limit
    }
}

/// A new batch.
package struct BatchRow: Sendable, Equatable {
    /// RUNNING, with all its items queued.
    package let batch: Batch
    package let items: [BatchItem]
    package let requestID: String
    /// SHA-256 of the request without its id.
    package let requestHash: [UInt8]

    package init(
        batch: Batch, items: [BatchItem], requestID: String = "", requestHash: [UInt8] = []
    ) {
        self.batch = batch
        self.items = items
        self.requestID = requestID
        self.requestHash = requestHash
    }
}

/// Changes of batches. Their counts move with the states of their executions, in the same commit, and
/// the one that ends the last item ends the batch.
package enum BatchChange: Sendable {
    /// Goes with the inserts of all its executions, which are QUEUED. Refused with `.nameInUse` if its
    /// request id was used.
    case insert(BatchRow)
    /// None of its executions starts any more. Does nothing to one that is final.
    case stop(Int64, by: String, reason: String)
    /// Refused with `.notFinal` or `.notFound`. Its executions stay.
    case delete(Int64)
}
