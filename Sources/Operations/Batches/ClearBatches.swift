package import Messages
internal import Model
internal import Store

extension Operations {
    /// Executions or batches that are erased in one commit.
    private static var erasedAtOnceMax: Int { 100 }

    /// Erases every batch and execution of the workspace. Needs admin.
    package func clearBatches(_ request: ClearBatchesRequest, by caller: Caller)
        async throws(OperationError) -> ClearBatchesResponse
    {
        let grant = try await authorise(.clearBatches, caller, workspaceID: request.workspaceID)
        if request.force {
            _ = try await stopAll(grant, reason: "everything is cleared", allExecutions: true)
        } else {
            let running = try await reading { () async throws(StoreError) in
                try await store.count(
                    ExecutionQuery(
                        workspaceID: grant.workspaceID, filter: ExecutionFilter(states: .notFinal)))
            }
            guard running == 0 else {
                throw OperationError(
                    .failedPrecondition, reason: "EXECUTIONS_RUNNING",
                    "\(running) executions are not final; stop them first, or set 'force'")
            }
        }
        await record(grant, "workspace \(grant.workspaceID)")
        let executions = try await eraseExecutions(grant)
        return ClearBatchesResponse(
            batchCount: try await eraseBatches(grant), executionCount: executions)
    }

    private func eraseExecutions(_ grant: Authoriser.Grant) async throws(OperationError) -> Int64 {
        var count: Int64 = 0
        var query = ExecutionQuery(
            workspaceID: grant.workspaceID, filter: ExecutionFilter(states: .final),
            limit: Self.erasedAtOnceMax)
        query.detail = .slim
        repeat {
            let page = try await reading { [query] () async throws(StoreError) in
                try await store.executions(query)
            }
            if try await committing(page.rows.map { .deleteExecution($0.number) }) == nil {
                count += Int64(page.rows.count)
            } else {
                // Somebody else erases too: one by one.
                for row in page.rows
                where try await committing([.deleteExecution(row.number)]) == nil { count += 1 }
            }
            query.after = page.next
        } while query.after != nil
        return count
    }

    private func eraseBatches(_ grant: Authoriser.Grant) async throws(OperationError) -> Int64 {
        var count: Int64 = 0
        var query = BatchQuery(
            workspaceID: grant.workspaceID, statuses: [.completed, .error, .stopped],
            limit: Self.erasedAtOnceMax)
        while true {
            let batches = try await reading { [query] () async throws(StoreError) in
                try await store.many.batches(query)
            }
            guard let last = batches.last else { return count }
            query.before = last.number
            for batch in batches
            where try await committing([.many(.batch(.delete(batch.number)))]) == nil { count += 1 }
        }
    }
}
