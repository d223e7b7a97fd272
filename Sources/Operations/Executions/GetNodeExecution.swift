internal import Engine
package import Messages

extension Operations {
    /// Returns one node execution with its input and output. Needs viewer.
    package func getNodeExecution(_ request: GetNodeExecutionRequest, by caller: Caller)
        async throws(OperationError) -> NodeExecution
    {
        let grant = try await authorise(
            .getNodeExecution, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("node_path", request.nodePath, bytesMax: 4_096, isNeeded: true)
        try check.finish()
        let row = try await execution(request.executionID, grant)
        let found = try await engaging { () async throws(EngineError) in
            try await engine.nodeExecution(row, path: request.nodePath)
        }
        guard let found else {
            throw .notFound("node execution", request.nodePath, reason: "NODE_EXECUTION_NOT_FOUND")
        }
        return found
    }
}
