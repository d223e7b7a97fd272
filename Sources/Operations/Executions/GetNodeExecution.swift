internal import Engine
package import Messages
internal import Redaction
internal import Store

extension Operations {
    /// Returns one node execution with its input and output. Needs viewer.
    package func getNodeExecution(_ request: GetNodeExecutionRequest, by caller: Caller)
        async throws(OperationError) -> NodeExecution
    {
        let grant = try await authorise(
            .getNodeExecution, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("node_path", request.nodePath, bytesMax: 4_096, isNeeded: true)
        check.known("redaction", request.redaction)
        try check.finish()
        let row = try await execution(request.executionID, grant)
        let trigger = row.execution.trigger
        let showing = try await showing(
            request.redaction, caller, grant, triggers: [trigger],
            object: "execution \(row.number)")
        let found = try await engaging { () async throws(EngineError) in
            try await engine.nodeExecution(row, path: request.nodePath)
        }
        guard var node = found else {
            throw .notFound("node execution", request.nodePath, reason: "NODE_EXECUTION_NOT_FOUND")
        }
        showing.redactor(trigger)?.redact(&node)
        node.redaction = showing.info(trigger)
        return node
    }
}
