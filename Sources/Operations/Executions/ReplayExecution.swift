internal import Engine
package import Messages

extension Operations {
    /// Runs a final execution again as a new one. Needs operator.
    package func replayExecution(_ request: ReplayRequest, by caller: Caller)
        async throws(OperationError) -> Execution
    {
        let grant = try await authorise(
            .replay, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("from_node_id", request.fromNodeID, bytesMax: 128)
        check.text("request_id", request.requestID, bytesMax: 128)
        try check.finish()
        let row = try await execution(request.executionID, grant)
        var asked = request
        asked.requestID = ""
        let identified =
            request.requestID.isEmpty
            ? nil
            : NewExecution.Request(
                method: "Replay", id: request.requestID, hash: RequestHash.of(asked))
        return try await engaging(grant, "execution \(row.number)") {
            () async throws(EngineError) in
            try await engine.replay(
                row, fromNodeID: request.fromNodeID.isEmpty ? nil : request.fromNodeID,
                by: grant.principal.name, request: identified)
        }.execution
    }
}
