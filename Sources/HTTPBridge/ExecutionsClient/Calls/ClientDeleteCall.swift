internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

extension ExecutionsClientCalls {
    /// Erases an execution, and answers what it was.
    func delete(_ request: BridgeRequest) async throws -> Answer {
        let id = try ExecutionsClientParameters.executionID(request)
        try await operations.admit(request.caller, to: .deleteExecution)
        let execution = try await operations.getExecution(
            GetExecutionRequest(executionID: id), by: request.caller)
        do throws(OperationError) {
            _ = try await operations.deleteExecution(
                DeleteExecutionRequest(executionID: id), by: request.caller)
        } catch {
            guard error.reason == "EXECUTION_NOT_FINAL" else { throw error }
            throw Fault(.badRequest, code: error.reason, "Cannot delete a running execution")
        }
        return .json { ExecutionsClientShapes().write(execution, .deleted, to: &$0) }
    }
}
