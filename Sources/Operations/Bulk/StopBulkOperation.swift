package import Messages
internal import Store

extension Operations {
    /// Ends a bulk operation after what it has begun. Needs operator.
    package func stopBulkOperation(_ request: StopBulkOperationRequest, by caller: Caller)
        async throws(OperationError) -> BulkOperation
    {
        let grant = try await authorise(
            .stopBulkOperation, caller, workspaceID: request.workspaceID)
        let operation = try await bulk(request.operationID, grant).operation
        let stop = BulkChange.stop(operation.number, by: grant.principal.name)
        let refusal = try await committing(
            [.many(.bulk(stop))], grant, "bulk operation \(operation.number)")
        guard refusal == nil else {
            throw OperationError(
                .failedPrecondition, reason: "BULK_OPERATION_FINAL",
                "bulk operation \(operation.number) has ended or has taken all it had to take")
        }
        bulkSignal.send()
        return try await bulk(operation.id, grant).operation
    }
}
