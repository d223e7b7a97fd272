internal import Engine
package import Messages
internal import Model
internal import Store

extension Operations {
    /// How many are cancelled at a time.
    private static var stopsAtOnceMax: Int { 64 }

    /// Cancels every execution that a list selects and that was there when this began; those that end
    /// by themselves meanwhile are passed over. Cancelling the task stops it between two of them.
    /// Needs operator.
    /// - Returns: how many it cancelled.
    package func stopExecutions(
        _ request: ListExecutionsRequest, part: ExecutionListPart = ExecutionListPart(),
        reason: String, by caller: Caller
    ) async throws(OperationError) -> Int {
        let grant = try await authorise(
            .cancel, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("reason", reason, bytesMax: 1_024)
        try check.finish()
        var query = try await query(request, part, grant)
        query.limit = Self.stopsAtOnceMax
        query.detail = .slim
        var stopped = 0
        while true {
            if Task.isCancelled { return stopped }
            let page = try await reading { () async throws(StoreError) in
                try await store.executions(query)
            }
            stopped += try await stop(page.rows, reason, grant)
            guard let next = page.next else { return stopped }
            query.after = next
            query.skip = 0
        }
    }

    private func stop(
        _ rows: [ExecutionRow], _ reason: String, _ grant: Authoriser.Grant
    ) async throws(OperationError) -> Int {
        let results = await withTaskGroup(of: Result<Bool, OperationError>.self) { group in
            for row in rows {
                group.addTask { await stop(row, reason, grant) }
            }
            var results: [Result<Bool, OperationError>] = []
            for await result in group { results.append(result) }
            return results
        }
        var stopped = 0
        for result in results where try result.get() { stopped += 1 }
        return stopped
    }

    /// - Returns: whether it was this that ended it.
    private func stop(
        _ row: ExecutionRow, _ reason: String, _ grant: Authoriser.Grant
    ) async -> Result<Bool, OperationError> {
        do throws(OperationError) {
            _ = try await engaging(grant, "execution \(row.number)") {
                () async throws(EngineError) in
                try await engine.cancel(
                    row.number, by: grant.principal.name, reason: reason, request: nil)
            }
            return .success(true)
        } catch {
            let hasEnded = error.code == .failedPrecondition || error.code == .notFound
            return hasEnded ? .success(false) : .failure(error)
        }
    }
}
