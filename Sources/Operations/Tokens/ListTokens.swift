package import Messages
internal import Store

extension Operations {
    /// Lists the tokens of a workspace, oldest first, without their secrets. Needs admin.
    package func listTokens(_ request: ListTokensRequest, by caller: Caller)
        async throws(OperationError) -> ListTokensResponse
    {
        let grant = try await authorise(.listTokens, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken("ListTokens", [grant.workspaceID])
        let after = try pages.name(request.pageToken)
        var tokens = try await reading { () async throws(StoreError) in
            try await store.tokens(workspaceID: grant.workspaceID, after: after, limit: limit + 1)
        }
        guard tokens.count > limit else { return ListTokensResponse(tokens: tokens) }
        tokens.removeLast(tokens.count - limit)
        return ListTokensResponse(
            tokens: tokens, nextPageToken: tokens.last.map { pages.token(name: $0.id) } ?? "")
    }
}
