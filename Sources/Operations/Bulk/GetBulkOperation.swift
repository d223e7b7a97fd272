package import Messages
internal import Store

extension Operations {
    /// Returns a bulk operation with its progress. Needs viewer.
    package func getBulkOperation(_ request: GetBulkOperationRequest, by caller: Caller)
        async throws(OperationError) -> BulkOperation
    {
        let grant = try await authorise(.getBulkOperation, caller, workspaceID: request.workspaceID)
        return try await bulk(request.operationID, grant).operation
    }
}
