internal import Engine
package import Messages
internal import Store

extension Operations {
    /// Returns one execution. Needs viewer.
    package func getExecution(_ request: GetExecutionRequest, by caller: Caller)
        async throws(OperationError) -> Execution
    {
        let grant = try await authorise(
            .getExecution, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.known("view", request.view)
        check.known("redaction", request.redaction)
        try check.finish()
        let row = try await execution(request.executionID, grant)
        let showing = try await showing(
            request.redaction, caller, grant, triggers: [row.execution.trigger],
            object: "execution \(row.number)")
        let found = try await engaging { () async throws(EngineError) in
            try await engine.execution(row, view: request.view)
        }
        return showing.shown(try await linked([found], grant).first ?? found)
    }
}
