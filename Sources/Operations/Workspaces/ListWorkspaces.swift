package import Messages
internal import Store

extension Operations {
    /// Lists the workspaces the caller can work in, by id; all of them for a server admin. Needs an
    /// identity.
    package func listWorkspaces(_ request: ListWorkspacesRequest, by caller: Caller)
        async throws(OperationError) -> ListWorkspacesResponse
    {
        let principal = try Authoriser.identity(caller)
        guard caller.onlyExecutionID == nil else { throw Authoriser.ticketInsufficient }
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken("ListWorkspaces", [principal.name, "\(principal.serverAdmin)"])
        let after = try pages.name(request.pageToken)
        var workspaces = try await reading { () async throws(StoreError) in
            try await store.access.workspaces(
                memberOf: principal.serverAdmin ? nil : principal.name, after: after,
                limit: limit + 1)
        }
        // Its own is no membership; it has its place in the order.
        if !principal.serverAdmin, principal.workspaceID > (after ?? ""),
            !workspaces.contains(where: { $0.id == principal.workspaceID }),
            let own = try await directory.workspace(principal.workspaceID)
        {
            let place = workspaces.firstIndex { $0.id > own.id } ?? workspaces.endIndex
            workspaces.insert(own, at: place)
        }
        let page = pages.page(workspaces, limit: limit, name: \.id)
        return ListWorkspacesResponse(workspaces: page.items, nextPageToken: page.next)
    }
}
