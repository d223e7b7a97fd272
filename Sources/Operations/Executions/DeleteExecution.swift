package import Messages
internal import Store

extension Operations {
    /// Erases a final execution and its journal. Needs editor.
    package func deleteExecution(_ request: DeleteExecutionRequest, by caller: Caller)
        async throws(OperationError) -> DeleteExecutionResponse
    {
        let grant = try await authorise(
            .deleteExecution, caller, workspaceID: request.workspaceID, podID: request.podID)
        let row = try await execution(request.executionID, grant)
        let refusal = try await committing(
            [.deleteExecution(row.number)], grant, "execution \(row.number)")
        switch refusal {
        case nil:
            return DeleteExecutionResponse()
        case .notFinal:
            throw OperationError(
                .failedPrecondition, reason: "EXECUTION_NOT_FINAL",
                "execution \(row.number) is not final; cancel it first")
        case .some:
            throw .notFound("execution", request.executionID, reason: "EXECUTION_NOT_FOUND")
        }
    }
}
