internal import Engine
package import Messages

extension Operations {
    /// Ends the pause of a whole execution. Needs operator.
    package func resumeExecution(_ request: ResumeRequest, by caller: Caller)
        async throws(OperationError) -> Execution
    {
        let grant = try await authorise(
            .resume, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("reason", request.reason, bytesMax: 1_024)
        check.text("request_id", request.requestID, bytesMax: 128)
        try check.finish()
        var asked = request
        asked.requestID = ""
        return try await control(
            .resume, request.executionID, reason: request.reason, grant,
            Repeatable("Resume", request.requestID, RequestHash.of(asked)))
    }
}
