internal import Engine
package import Messages
internal import Store

extension Operations {
    /// Cancels an execution that is not final. Needs operator.
    package func cancelExecution(_ request: CancelExecutionRequest, by caller: Caller)
        async throws(OperationError) -> Execution
    {
        let grant = try await authorise(
            .cancel, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("reason", request.reason, bytesMax: 1_024)
        check.text("request_id", request.requestID, bytesMax: 128)
        try check.finish()
        let row = try await execution(request.executionID, grant)
        var asked = request
        asked.requestID = ""
        let record = requestRecord(
            "Cancel", request.requestID, RequestHash.of(asked), row, grant)
        var execution = try await engaging(grant, "execution \(row.number)") {
            () async throws(EngineError) in
            try await engine.cancel(
                row.number, by: grant.principal.name, reason: request.reason, request: record)
        }
        execution.tags = row.execution.tags
        return execution
    }

    /// What makes a repeat of a call on `row` safe; nil where the caller gave no request id.
    func requestRecord(
        _ method: String, _ requestID: String, _ hash: [UInt8], _ row: ExecutionRow,
        _ grant: Authoriser.Grant
    ) -> RequestRecord? {
        guard !requestID.isEmpty else { return nil }
        return RequestRecord(
            workspaceID: grant.workspaceID, method: method, requestID: requestID, hash: hash,
            number: row.number)
    }
}
