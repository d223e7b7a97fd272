internal import Engine
package import Messages
internal import Model

extension Operations {
    /// Answers an interrupt of an execution; the first answer wins. Needs operator.
    package func respondExecution(_ request: RespondRequest, by caller: Caller)
        async throws(OperationError) -> Execution
    {
        let grant = try await authorise(
            .respond, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("interrupt_id", request.interruptID, bytesMax: 4_096)
        check.known("decision", request.decision)
        check.json("data_json", request.dataJSON, bytesMax: limits.answerBytesMax)
        check.text("reason", request.reason, bytesMax: 1_024)
        check.text("request_id", request.requestID, bytesMax: 128)
        try check.finish()
        let row = try await execution(request.executionID, grant)
        var asked = request
        asked.requestID = ""
        let record = requestRecord(
            "Respond", request.requestID, RequestHash.of(asked), row, grant)
        let response = InterruptResponse(
            interruptID: request.interruptID.isEmpty ? nil : request.interruptID,
            decision: request.decision, dataJSON: request.dataJSON, reason: request.reason,
            respondedBy: grant.principal.name, groups: grant.principal.groups,
            mayAnswerForOthers: grant.role == .admin)
        let showing = try await showing(grant)
        let answer = try await engaging(grant, "execution \(row.number)") {
            () async throws(EngineError) in
            try await engine.respond(row.number, response, request: record)
        }
        return showing.shown(answer)
    }
}
