package import Messages
internal import Store

extension Operations {
    /// Lists the pods of a workspace by id. Needs viewer.
    package func listPods(_ request: ListPodsRequest, by caller: Caller)
        async throws(OperationError) -> ListPodsResponse
    {
        let grant = try await authorise(.listPods, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken("ListPods", [grant.workspaceID])
        let after = try pages.name(request.pageToken)
        let pods = try await reading { () async throws(StoreError) in
            try await store.access.pods(
                workspaceID: grant.workspaceID, after: after, limit: limit + 1)
        }
        let page = pages.page(pods, limit: limit, name: \.id)
        return ListPodsResponse(pods: page.items, nextPageToken: page.next)
    }
}

extension PageToken {
    /// The page of a list by name, of which one more than fits was read.
    func page<Item>(_ items: [Item], limit: Int, name: (Item) -> String)
        -> (items: [Item], next: String)
    {
        guard items.count > limit else { return (items, "") }
        let page = Array(items.prefix(limit))
        return (page, page.last.map { token(name: name($0)) } ?? "")
    }
}
