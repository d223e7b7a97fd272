internal import Engine
package import Messages
internal import Model

extension Operations {
    /// Renews what a worker holds, and says which of it nobody wants any more. Needs worker.
    package func heartbeatWorker(_ request: HeartbeatRequest, by caller: Caller)
        async throws(OperationError) -> HeartbeatResponse
    {
        let grant = try await authorise(.heartbeat, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.name("worker_id", request.workerID, bytesMax: 128)
        check.tasks(
            "task_ids", request.taskIDs, countMax: limits.workers.concurrencyMax)
        try check.finish()
        let gone = try await engaging { () async throws(EngineError) in
            try engine.workers.heard(
                of: request.workerID, workspaceID: grant.workspaceID,
                principal: grant.principal.name, names: request.taskIDs)
        }
        return HeartbeatResponse(
            cancelled: gone.map {
                TaskCancelled(taskID: $0.name, ending: TaskEnding($0.reason))
            })
    }
}
