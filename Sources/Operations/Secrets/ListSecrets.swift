package import Messages
internal import Store

extension Operations {
    /// Lists the secrets of a workspace by name, without their values. Needs editor.
    package func listSecrets(_ request: ListSecretsRequest, by caller: Caller)
        async throws(OperationError) -> ListSecretsResponse
    {
        let grant = try await authorise(
            .listSecrets, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken("ListSecrets", [grant.workspaceID])
        let after = try pages.name(request.pageToken)
        let rows = try await reading { () async throws(StoreError) in
            try await store.secrets(
                workspaceID: grant.workspaceID, after: after, limit: limit + 1)
        }
        let page = rows.prefix(limit)
        return ListSecretsResponse(
            secrets: page.map(Secret.init),
            nextPageToken: rows.count > limit
                ? page.last.map { pages.token(name: $0.name) } ?? "" : "")
    }
}
