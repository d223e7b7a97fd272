package import Messages
internal import Model
internal import Store

extension Operations {
    /// Lists the events that no node took yet, oldest first, masked as the workspace's policy says; a page
    /// ends early where it would have more than a message holds. Needs viewer.
    package func listKeptEvents(_ request: ListKeptEventsRequest, by caller: Caller)
        async throws(OperationError) -> ListKeptEventsResponse
    {
        let grant = try await authorise(.listKeptEvents, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken("ListKeptEvents", [grant.workspaceID])
        let after = try pages.numbers(request.pageToken, count: 1)?[0] ?? 0
        let page = try await reading { () async throws(StoreError) in
            try await store.keptEvents(
                workspaceID: grant.workspaceID, after: after,
                room: PageRoom(rows: limit, bytes: pageBytesMax))
        }
        let showing = try await showing(grant)
        return ListKeptEventsResponse(
            events: page.events.map { showing.shown(NamedEvent($0)) },
            nextPageToken: page.hasMore
                ? page.events.last.map { pages.token($0.number) } ?? "" : "")
    }
}
