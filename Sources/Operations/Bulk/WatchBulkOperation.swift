package import Messages
internal import Model
internal import Store

/// A checked watch of a bulk operation.
package struct BulkWatch: Sendable {
    fileprivate let operations: Operations
    fileprivate let number: Int64
    fileprivate let workspaceID: String
    fileprivate let changes: AsyncStream<Void>

    /// Gives `body` the operation as it stands, again after changes, and returns after one that has
    /// ended, or that was erased, or when the task is cancelled.
    package func forEach(_ body: (BulkOperation) async throws -> Void) async throws {
        guard var last = try await now() else { return }
        try await body(last)
        if last.endTime != nil { return }
        for await _ in changes {
            guard let operation = try await now() else { return }
            guard operation != last else { continue }
            try await body(operation)
            if operation.endTime != nil { return }
            last = operation
        }
    }

    private func now() async throws(OperationError) -> BulkOperation? {
        try await operations.reading { () async throws(StoreError) in
            try await operations.store.many.bulk(
                .number(.init(rawValue: number)), workspaceID: workspaceID)
        }?.operation
    }
}

extension Operations {
    /// Checks a watch of a bulk operation; its states come from what is returned. Needs viewer.
    package func watchBulkOperation(_ request: WatchBulkOperationRequest, by caller: Caller)
        async throws(OperationError) -> BulkWatch
    {
        let grant = try await authorise(
            .watchBulkOperation, caller, workspaceID: request.workspaceID)
        let operation = try await bulk(request.operationID, grant).operation
        // Subscribe first, then look: nothing falls in between.
        guard
            let changes = committer.bulks.changes(
                of: operation.number, limit: limits.watchersPerBulkMax)
        else {
            throw OperationError(
                .resourceExhausted, reason: "WATCHERS_MAX",
                "\(limits.watchersPerBulkMax) watch the bulk operation, which is the limit",
                retryAfter: .seconds(1))
        }
        return BulkWatch(
            operations: self, number: operation.number, workspaceID: grant.workspaceID,
            changes: changes)
    }
}
