internal import Engine
package import Messages

extension Operations {
    /// Turns the trace logs of an execution on or off. Needs operator.
    package func setTraceLogs(_ request: SetTraceLogsRequest, by caller: Caller)
        async throws(OperationError) -> Execution
    {
        let grant = try await authorise(
            .setTraceLogs, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("request_id", request.requestID, bytesMax: 128)
        try check.finish()
        var asked = request
        asked.requestID = ""
        return try await control(
            .traceLogs(request.enabled), request.executionID, reason: "", grant,
            Repeatable("SetTraceLogs", request.requestID, RequestHash.of(asked)))
    }
}
