package import Messages
internal import Store

extension Operations {
    /// Counts executions; agrees with listing them. Needs viewer.
    package func countExecutions(_ request: CountExecutionsRequest, by caller: Caller)
        async throws(OperationError) -> CountExecutionsResponse
    {
        let grant = try await authorise(
            .countExecutions, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        var filter = request.filter ?? ExecutionFilter()
        check.filter(filter)
        try check.finish()
        filter = try await resolved(filter, grant)
        let query = ExecutionQuery(
            workspaceID: grant.workspaceID, podID: grant.podID, filter: filter)
        let count = try await reading { () async throws(StoreError) in
            try await store.count(query)
        }
        return CountExecutionsResponse(count: count)
    }
}
