package import Messages
internal import Model
internal import Store

/// A checked watch of a batch.
package struct BatchWatch: Sendable {
    fileprivate let operations: Operations
    fileprivate let number: Int64
    fileprivate let workspaceID: String
    fileprivate let changes: AsyncStream<Void>

    /// Gives `body` the batch as it stands, again after changes, and returns after one that is final,
    /// or that was erased, or when the task is cancelled. While any of it is suspended, what leaves all
    /// counts as they were is given too: another may be held in the place of one.
    package func forEach(_ body: (Batch) async throws -> Void) async throws {
        guard var last = try await now() else { return }
        try await body(last)
        if last.endTime != nil { return }
        for await _ in changes {
            guard let batch = try await now() else { return }
            guard batch != last || batch.suspended > 0 else { continue }
            try await body(batch)
            if batch.endTime != nil { return }
            last = batch
        }
    }

    private func now() async throws(OperationError) -> Batch? {
        try await operations.reading { () async throws(StoreError) in
            try await operations.store.many.batch(
                .number(.init(rawValue: number)), workspaceID: workspaceID)
        }
    }
}

extension Operations {
    /// Checks a watch of a batch; the batches come from what is returned. Needs viewer.
    package func watchBatch(_ request: WatchBatchRequest, by caller: Caller)
        async throws(OperationError) -> BatchWatch
    {
        let grant = try await authorise(.watchBatch, caller, workspaceID: request.workspaceID)
        let batch = try await batch(request.batchID, grant)
        // Subscribe first, then look: nothing falls in between.
        guard
            let changes = committer.batches.changes(
                of: batch.number, limit: limits.watchersPerBatchMax)
        else {
            throw OperationError(
                .resourceExhausted, reason: "WATCHERS_MAX",
                "\(limits.watchersPerBatchMax) watch the batch, which is the limit",
                retryAfter: .seconds(1))
        }
        return BatchWatch(
            operations: self, number: batch.number, workspaceID: grant.workspaceID, changes: changes
        )
    }
}
