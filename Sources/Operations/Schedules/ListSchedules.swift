package import Messages
internal import Model
internal import Store

extension Operations {
    /// Lists schedules by id; a page ends early where it would have more than a message holds. Needs
    /// viewer.
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
        let page = try await reading { () async throws(StoreError) in
            try await store.schedules.schedules(
                workspaceID: grant.workspaceID, podID: grant.podID,
                workflowID: request.workflowID.isEmpty ? nil : request.workflowID, after: after,
                room: PageRoom(rows: limit, bytes: pageBytesMax))
        }
        return ListSchedulesResponse(
            schedules: page.rows.map { shown($0, nextCount: 1) },
            nextPageToken: page.hasMore
                ? page.rows.last.map { pages.token(name: $0.schedule.id) } ?? "" : "")
    }
}
