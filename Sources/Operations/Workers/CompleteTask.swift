internal import Engine
package import Messages
internal import Model

extension Operations {
    /// Ends a task well. Needs worker.
    package func completeTask(_ request: CompleteTaskRequest, by caller: Caller)
        async throws(OperationError) -> CompleteTaskResponse
    {
        let grant = try await authorise(.completeTask, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let key = check.task("task_id", request.taskID)
        check.json("output_json", request.outputJSON, bytesMax: limits.nodeOutputBytesMax)
        try check.finish()
        guard let key else { return CompleteTaskResponse() }
        try await engaging { () async throws(EngineError) in
            try engine.workers.check(request.taskID)
            try await engine.workers.complete(
                key, workspaceID: grant.workspaceID, by: request.workerID,
                outputJSON: request.outputJSON)
        }
        return CompleteTaskResponse()
    }
}
