internal import Engine
package import Messages

extension Operations {
    /// Returns one execution. Needs viewer.
    package func getExecution(_ request: GetExecutionRequest, by caller: Caller)
        async throws(OperationError) -> Execution
    {
        let grant = try await authorise(
            .getExecution, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.known("view", request.view)
        try check.finish()
        let row = try await execution(request.executionID, grant)
        let found = try await engaging { () async throws(EngineError) in
            try await engine.execution(row, view: request.view)
        }
        return try await linked([found], grant).first ?? found
    }
}
