package import Messages
internal import Store

extension Operations {
    /// Lists the members of a workspace by principal. Needs admin.
    package func listMembers(_ request: ListMembersRequest, by caller: Caller)
        async throws(OperationError) -> ListMembersResponse
    {
        let grant = try await authorise(.listMembers, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken("ListMembers", [grant.workspaceID])
        let after = try pages.name(request.pageToken)
        let members = try await reading { () async throws(StoreError) in
            try await store.access.members(
                workspaceID: grant.workspaceID, after: after, limit: limit + 1)
        }
        let page = pages.page(members, limit: limit, name: \.principal)
        return ListMembersResponse(members: page.items, nextPageToken: page.next)
    }
}
