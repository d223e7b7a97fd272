internal import Engine
package import Messages

extension Operations {
    /// Runs a final execution that did not complete on, as a new one. Needs operator.
    package func retryExecution(_ request: RetryRequest, by caller: Caller)
        async throws(OperationError) -> Execution
    {
        let grant = try await authorise(
            .retry, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("request_id", request.requestID, bytesMax: 128)
        try check.finish()
        let row = try await execution(request.executionID, grant)
        var asked = request
        asked.requestID = ""
        let identified =
            request.requestID.isEmpty
            ? nil
            : NewExecution.Request(
                method: "Retry", id: request.requestID, hash: RequestHash.of(asked))
        let showing = try await showing(grant)
        let answer = try await engaging(grant, "execution \(row.number)") {
            () async throws(EngineError) in
            try await engine.retry(
                row, usesCurrentVersion: request.currentVersion, by: grant.principal.name,
                request: identified)
        }
        return showing.shown(answer.execution)
    }
}
