package import Messages
internal import Store

extension Operations {
    /// Lists bulk operations, newest first. Needs viewer.
    package func listBulkOperations(_ request: ListBulkOperationsRequest, by caller: Caller)
        async throws(OperationError) -> ListBulkOperationsResponse
    {
        let grant = try await authorise(
            .listBulkOperations, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        if request.statuses.count > 16 {
            check.fault("statuses", "expected at most 16, got \(request.statuses.count)")
        }
        for (index, status) in request.statuses.prefix(16).enumerated() {
            check.known("statuses[\(index)]", status)
        }
        try check.finish()
        let statuses = request.statuses.filter { $0 != .unspecified }
        let pages = PageToken(
            "ListBulkOperations", [grant.workspaceID] + statuses.map { "\($0.rawValue)" })
        let before = try pages.numbers(request.pageToken, count: 1)?[0]
        let found = try await reading { () async throws(StoreError) in
            try await store.many.bulks(
                workspaceID: grant.workspaceID, statuses: statuses, before: before,
                limit: limit + 1)
        }
        let page = Array(found.prefix(limit))
        return ListBulkOperationsResponse(
            operations: page,
            nextPageToken: found.count > limit ? page.last.map { pages.token($0.number) } ?? "" : ""
        )
    }
}
