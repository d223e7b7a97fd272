package import Messages
internal import Store

extension Operations {
    /// Lists workflows by id, without definitions. Needs viewer.
    package func listWorkflows(_ request: ListWorkflowsRequest, by caller: Caller)
        async throws(OperationError) -> ListWorkflowsResponse
    {
        let grant = try await authorise(
            .listWorkflows, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken("ListWorkflows", [grant.workspaceID, grant.podID ?? ""])
        let after = try pages.name(request.pageToken)
        var workflows = try await reading { () async throws(StoreError) in
            try await store.workflows(
                workspaceID: grant.workspaceID, podID: grant.podID, after: after, limit: limit + 1)
        }
        guard workflows.count > limit else { return ListWorkflowsResponse(workflows: workflows) }
        workflows.removeLast(workflows.count - limit)
        return ListWorkflowsResponse(
            workflows: workflows,
            nextPageToken: workflows.last.map { pages.token(name: $0.id) } ?? "")
    }
}
