package import Messages
internal import Store

extension Operations {
    /// Lists the tags of a workspace by name. Needs viewer.
    package func listTags(_ request: ListTagsRequest, by caller: Caller)
        async throws(OperationError) -> ListTagsResponse
    {
        let grant = try await authorise(.listTags, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken("ListTags", [grant.workspaceID])
        let after = try pages.name(request.pageToken)
        let tags = try await reading { () async throws(StoreError) in
            try await store.many.tags(
                workspaceID: grant.workspaceID, after: after, limit: limit + 1)
        }
        let page = pages.page(tags, limit: limit, name: \.name)
        return ListTagsResponse(tags: page.items, nextPageToken: page.next)
    }
}
