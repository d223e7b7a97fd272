internal import Engine
package import Messages

extension Operations {
    /// Pauses a whole execution: no further node starts. Needs operator.
    package func pauseExecution(_ request: PauseRequest, by caller: Caller)
        async throws(OperationError) -> Execution
    {
        let grant = try await authorise(
            .pause, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("reason", request.reason, bytesMax: 1_024)
        check.text("request_id", request.requestID, bytesMax: 128)
        try check.finish()
        var asked = request
        asked.requestID = ""
        return try await control(
            .pause, request.executionID, reason: request.reason, grant,
            Repeatable("Pause", request.requestID, RequestHash.of(asked)))
    }
}
