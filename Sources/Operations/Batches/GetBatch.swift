package import Messages

extension Operations {
    /// Returns a batch with its counts and faults. Needs viewer.
    package func getBatch(_ request: GetBatchRequest, by caller: Caller)
        async throws(OperationError) -> Batch
    {
        let grant = try await authorise(.getBatch, caller, workspaceID: request.workspaceID)
        return try await batch(request.batchID, grant)
    }
}
