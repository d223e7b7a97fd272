internal import Engine
package import Messages
internal import Model

extension Operations {
    /// Says how far a task is. Needs worker.
    package func reportProgress(_ request: ReportProgressRequest, by caller: Caller)
        async throws(OperationError) -> ReportProgressResponse
    {
        let grant = try await authorise(.reportProgress, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let key = check.task("task_id", request.taskID)
        check.text(
            "data_json", request.dataJSON, bytesMax: limits.workers.progressBytesMax,
            isNeeded: true)
        check.json("data_json", request.dataJSON, bytesMax: limits.workers.progressBytesMax)
        try check.finish()
        guard let key else { return ReportProgressResponse() }
        try await engaging { () async throws(EngineError) in
            try engine.workers.check(request.taskID)
            try await engine.workers.progress(
                key, workspaceID: grant.workspaceID, dataJSON: request.dataJSON)
        }
        return ReportProgressResponse()
    }
}
