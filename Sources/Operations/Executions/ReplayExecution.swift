internal import Engine
package import Messages
internal import Model

extension Operations {
    private static var editedOutputsMax: Int { 100 }

    /// Runs a final execution again as a new one, also with another input or other results before the
    /// node it starts from. Needs operator.
    package func replayExecution(_ request: ReplayRequest, by caller: Caller)
        async throws(OperationError) -> Execution
    {
        let grant = try await authorise(
            .replay, caller, workspaceID: request.workspaceID, podID: request.podID)
        try check(request)
        let row = try await execution(request.executionID, grant)
        var asked = request
        asked.requestID = ""
        let identified =
            request.requestID.isEmpty
            ? nil
            : NewExecution.Request(
                method: "Replay", id: request.requestID, hash: RequestHash.of(asked))
        let plan = ReplayPlan(
            fromNodeID: request.fromNodeID.isEmpty ? nil : request.fromNodeID,
            inputJSON: request.inputJSON, outputs: request.outputs,
            usesCurrentVersion: request.currentVersion)
        let showing = try await showing(grant)
        let answer = try await engaging(grant, "execution \(row.number)") {
            () async throws(EngineError) in
            try await engine.replay(row, plan, by: grant.principal.name, request: identified)
        }
        return showing.shown(answer.execution)
    }

    private func check(_ request: ReplayRequest) throws(OperationError) {
        var check = RequestCheck()
        check.text("from_node_id", request.fromNodeID, bytesMax: 128)
        check.text("request_id", request.requestID, bytesMax: 128)
        check.json("input_json", request.inputJSON, bytesMax: limits.inputBytesMax)
        if !request.inputJSON.isEmpty, !request.fromNodeID.isEmpty {
            check.fault(
                "input_json",
                "expected only without from_node_id; what that node sees is edited by outputs")
        }
        if !request.outputs.isEmpty, request.fromNodeID.isEmpty {
            check.fault("outputs", "expected only with from_node_id; from the start none is kept")
        }
        guard request.outputs.count <= Self.editedOutputsMax else {
            check.fault(
                "outputs",
                "expected at most \(Self.editedOutputsMax), got \(request.outputs.count)")
            return try check.finish()
        }
        var seen: Set<String> = []
        for (index, output) in request.outputs.enumerated() {
            let field = "outputs[\(index)]"
            check.text("\(field).node_id", output.nodeID, bytesMax: 128, isNeeded: true)
            if !seen.insert(output.nodeID).inserted {
                check.fault("\(field).node_id", "expected each node once")
            }
            if output.outputJSON.isEmpty {
                check.fault("\(field).output_json", "expected a JSON document, got none")
            }
            check.json(
                "\(field).output_json", output.outputJSON, bytesMax: limits.nodeOutputBytesMax)
        }
        try check.finish()
    }
}
