internal import Engine
package import Messages
internal import Model
internal import Store

extension Operations {
    /// Neither limit of a queue may be larger.
    private static var queueLimitMax: Int32 { 1_000_000 }

    /// Sets a queue's limits. Needs admin.
    package func putWorkerQueue(_ request: PutWorkerQueueRequest, by caller: Caller)
        async throws(OperationError) -> WorkerQueue
    {
        let grant = try await authorise(.putWorkerQueue, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.name("name", request.name, bytesMax: 128)
        check.range("concurrency", request.concurrency, 0...Self.queueLimitMax)
        check.range("tasks_per_minute", request.tasksPerMinute, 0...Self.queueLimitMax)
        try check.finish()
        let row = QueueRow(
            workspaceID: grant.workspaceID, name: request.name, concurrency: request.concurrency,
            tasksPerMinute: request.tasksPerMinute)
        let limit = limits.workers.queuesPerWorkspaceMax
        let change = Change.worker(.putQueue(row, limit: limit))
        guard try await committing([change], grant, "queue \(request.name)") == nil else {
            throw OperationError(
                .resourceExhausted, reason: "QUEUES_MAX",
                "the workspace has \(limit) queues with limits, which is the most there may be")
        }
        engine.workers.limit(row)
        var queue = WorkerQueue(row)
        let standing = engine.workers.queues(of: grant.workspaceID)[row.name]
        queue.waitingCount = Int64(standing?.waiting ?? 0)
        queue.runningCount = Int64(standing?.running ?? 0)
        return queue
    }
}
