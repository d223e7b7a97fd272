package import Messages
internal import Store

extension Operations {
    /// Lists what became of each execution of a bulk operation. Needs viewer.
    package func listBulkResults(_ request: ListBulkResultsRequest, by caller: Caller)
        async throws(OperationError) -> ListBulkResultsResponse
    {
        let grant = try await authorise(.listBulkResults, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 100)
        if request.outcomes.count > 16 {
            check.fault("outcomes", "expected at most 16, got \(request.outcomes.count)")
        }
        for (index, outcome) in request.outcomes.prefix(16).enumerated() {
            check.known("outcomes[\(index)]", outcome)
        }
        try check.finish()
        let operation = try await bulk(request.operationID, grant).operation
        let outcomes = request.outcomes.filter { $0 != .unspecified }
        let pages = PageToken(
            "ListBulkResults",
            [grant.workspaceID, operation.id] + outcomes.map { "\($0.rawValue)" })
        let after = try pages.numbers(request.pageToken, count: 1)?[0] ?? 0
        let found = try await reading { () async throws(StoreError) in
            try await store.many.bulkResults(
                operation.number, after: after, outcomes: outcomes, limit: limit + 1)
        }
        let page = Array(found.prefix(limit))
        return ListBulkResultsResponse(
            results: page,
            nextPageToken: found.count > limit
                ? page.last.map { pages.token($0.position) } ?? "" : "")
    }
}
