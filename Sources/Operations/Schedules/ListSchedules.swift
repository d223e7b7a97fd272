package import Messages
internal import Store

extension Operations {
    /// Lists schedules by id. Needs viewer.
    package func listSchedules(_ request: ListSchedulesRequest, by caller: Caller)
        async throws(OperationError) -> ListSchedulesResponse
    {
        let grant = try await authorise(
            .listSchedules, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.text("workflow_id", request.workflowID, bytesMax: 128)
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken(
            "ListSchedules", [grant.workspaceID, request.podID, request.workflowID])
        let after = try pages.name(request.pageToken)
        let rows = try await reading { () async throws(StoreError) in
            try await store.schedules.schedules(
                workspaceID: grant.workspaceID, podID: grant.podID,
                workflowID: request.workflowID.isEmpty ? nil : request.workflowID, after: after,
                limit: limit + 1)
        }
        let page = pages.page(rows, limit: limit, name: \.schedule.id)
        return ListSchedulesResponse(
            schedules: page.items.map { shown($0, nextCount: 1) }, nextPageToken: page.next)
    }
}
