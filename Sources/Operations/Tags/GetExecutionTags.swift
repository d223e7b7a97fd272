package import Messages
internal import Store

extension Operations {
    /// Returns the tags of an execution. Needs viewer.
    package func getExecutionTags(_ request: GetExecutionTagsRequest, by caller: Caller)
        async throws(OperationError) -> ExecutionTags
    {
        let grant = try await authorise(
            .getExecutionTags, caller, workspaceID: request.workspaceID, podID: request.podID)
        return ExecutionTags(tags: try await execution(request.executionID, grant).execution.tags)
    }
}
