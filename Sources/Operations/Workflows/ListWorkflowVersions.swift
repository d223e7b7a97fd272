package import Messages
internal import Store

extension Operations {
    /// Lists the versions of a workflow, newest first, without definitions. Needs viewer.
    package func listWorkflowVersions(_ request: ListWorkflowVersionsRequest, by caller: Caller)
        async throws(OperationError) -> ListWorkflowVersionsResponse
    {
        let grant = try await authorise(
            .listWorkflowVersions, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("workflow_id", request.workflowID, bytesMax: 128, isNeeded: true)
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        _ = try await workflow(request.workflowID, version: nil, grant)
        let pages = PageToken("ListWorkflowVersions", [grant.workspaceID, request.workflowID])
        let before = try pages.numbers(request.pageToken, count: 1)?[0]
        var versions = try await reading { () async throws(StoreError) in
            try await store.workflowVersions(
                request.workflowID, workspaceID: grant.workspaceID,
                before: before.map { Int32(clamping: $0) }, limit: limit + 1)
        }
        guard versions.count > limit else {
            return ListWorkflowVersionsResponse(versions: versions)
        }
        versions.removeLast(versions.count - limit)
        return ListWorkflowVersionsResponse(
            versions: versions,
            nextPageToken: versions.last.map { pages.token(Int64($0.version)) } ?? "")
    }
}
