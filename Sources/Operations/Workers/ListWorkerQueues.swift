internal import Engine
package import Messages
internal import Store

extension Operations {
    /// Lists the queues of a workspace that have limits or something in them. Needs viewer.
    package func listWorkerQueues(_ request: ListWorkerQueuesRequest, by caller: Caller)
        async throws(OperationError) -> ListWorkerQueuesResponse
    {
        let grant = try await authorise(
            .listWorkerQueues, caller, workspaceID: request.workspaceID)
        let rows = try await reading { () async throws(StoreError) in
            try await store.queues(workspaceID: grant.workspaceID)
        }
        var queues: [String: WorkerQueue] = [:]
        for row in rows { queues[row.name] = WorkerQueue(row) }
        for (name, standing) in engine.workers.queues(of: grant.workspaceID) {
            var queue = queues[name] ?? WorkerQueue(name: name)
            queue.waitingCount = Int64(standing.waiting)
            queue.runningCount = Int64(standing.running)
            queues[name] = queue
        }
        return ListWorkerQueuesResponse(queues: queues.values.sorted { $0.name < $1.name })
    }
}

extension WorkerQueue {
    /// A queue's limits.
    init(_ row: QueueRow) {
        self.init(
            name: row.name, concurrency: row.concurrency, tasksPerMinute: row.tasksPerMinute)
    }
}
