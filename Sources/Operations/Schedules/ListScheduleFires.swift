package import Messages
internal import Model
internal import Store

extension Operations {
    /// Lists what became of a schedule's nominal times, newest first. Needs viewer.
    package func listScheduleFires(_ request: ListScheduleFiresRequest, by caller: Caller)
        async throws(OperationError) -> ListScheduleFiresResponse
    {
        let grant = try await authorise(
            .listScheduleFires, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let row = try await schedule(request.scheduleID, grant)
        let pages = PageToken("ListScheduleFires", [grant.workspaceID, row.schedule.id])
        let before = try pages.numbers(request.pageToken, count: 1)?.first
            .map(WallTime.init(microseconds:))
        let rows = try await reading { () async throws(StoreError) in
            try await store.schedules.fires(row.key, before: before, limit: limit + 1)
        }
        let page = rows.prefix(limit)
        var response = ListScheduleFiresResponse(fires: page.map(\.fire))
        if rows.count > limit, let last = page.last?.fire.nominalTime {
            response.nextPageToken = pages.token(WallTime(last).microseconds)
        }
        return response
    }
}
