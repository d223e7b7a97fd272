package import Messages
internal import Store

extension Operations {
    /// Lists batches, newest first. Needs viewer.
    package func listBatches(_ request: ListBatchesRequest, by caller: Caller)
        async throws(OperationError) -> ListBatchesResponse
    {
        let grant = try await authorise(
            .listBatches, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        check.range("offset", request.offset, 0...10_000)
        if request.offset != 0, !request.pageToken.isEmpty {
            check.fault("offset", "expected it or page_token, got both")
        }
        if request.statuses.count > 16 {
            check.fault("statuses", "expected at most 16, got \(request.statuses.count)")
        }
        for (index, status) in request.statuses.prefix(16).enumerated() {
            check.known("statuses[\(index)]", status)
        }
        try check.finish()
        let statuses = request.statuses.filter { $0 != .unspecified }
        let pages = PageToken(
            "ListBatches",
            [grant.workspaceID, grant.podID ?? ""] + statuses.map { "\($0.rawValue)" })
        var query = BatchQuery(
            workspaceID: grant.workspaceID, podID: grant.podID, statuses: statuses,
            before: try pages.numbers(request.pageToken, count: 1)?[0],
            offset: Int(request.offset), limit: limit + 1)
        let found = try await reading { [query] () async throws(StoreError) in
            try await store.many.batches(query)
        }
        query.before = nil
        let total = try await reading { [query] () async throws(StoreError) in
            try await store.many.batchCount(query)
        }
        let page = Array(found.prefix(limit))
        return ListBatchesResponse(
            batches: page,
            nextPageToken: found.count > limit
                ? page.last.map { pages.token($0.number) } ?? "" : "",
            totalCount: total)
    }
}
