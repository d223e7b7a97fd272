internal import Engine
package import Messages
internal import Model
internal import Store

extension Operations {
    /// Stops every batch of the workspace, and every other execution where that was asked for. Needs
    /// operator.
    package func stopAllBatches(_ request: StopAllBatchesRequest, by caller: Caller)
        async throws(OperationError) -> StopAllBatchesResponse
    {
        let grant = try await authorise(.stopAllBatches, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("reason", request.reason, bytesMax: 1_024)
        try check.finish()
        let stopped = try await stopAll(
            grant, reason: request.reason, allExecutions: request.allExecutions)
        await record(grant, "workspace \(grant.workspaceID)")
        return stopped
    }

    /// Stops all there is when it is called; what is started meanwhile may go on.
    func stopAll(_ grant: Authoriser.Grant, reason: String, allExecutions: Bool)
        async throws(OperationError) -> StopAllBatchesResponse
    {
        var response = StopAllBatchesResponse()
        var query = BatchQuery(workspaceID: grant.workspaceID, statuses: [.running], limit: 100)
        while true {
            let batches = try await reading { [query] () async throws(StoreError) in
                try await store.many.batches(query)
            }
            guard let last = batches.last else { break }
            query.before = last.number
            for batch in batches {
                let stopped = try await engaging { () async throws(EngineError) in
                    try await engine.stopBatch(
                        batch.number, by: grant.principal.name, reason: reason)
                }
                response.batchCount += 1
                response.runningStopped += Int32(stopped.running)
                response.queuedStopped += Int32(stopped.queued)
                guard response.batches.count < 1_000 else { continue }
                let now = try await reading { () async throws(StoreError) in
                    try await store.many.batch(
                        .number(.init(rawValue: batch.number)), workspaceID: grant.workspaceID)
                }
                if let now { response.batches.append(now) }
            }
        }
        guard allExecutions else { return response }
        var open = ExecutionQuery(
            workspaceID: grant.workspaceID, filter: ExecutionFilter(states: .notFinal), limit: 100)
        open.detail = .slim
        repeat {
            let page = try await reading { [open] () async throws(StoreError) in
                try await store.executions(open)
            }
            for row in page.rows {
                do throws(EngineError) {
                    let ended = try await engine.cancel(
                        row.number, by: grant.principal.name, reason: reason, request: nil)
                    if ended.startTime == nil {
                        response.queuedStopped += 1
                    } else {
                        response.runningStopped += 1
                    }
                } catch {
                    // It ended by itself, or was erased, meanwhile.
                    guard error.code == .failedPrecondition || error.code == .notFound else {
                        throw OperationError(error)
                    }
                }
            }
            open.after = page.next
        } while open.after != nil
        return response
    }
}

extension [StateFilter] {
    static var notFinal: [StateFilter] {
        [ExecutionStatus.queued, .running, .suspended].map { StateFilter(status: $0) }
    }

    static var final: [StateFilter] {
        [ExecutionStatus.completed, .failed, .cancelled].map { StateFilter(status: $0) }
    }
}
