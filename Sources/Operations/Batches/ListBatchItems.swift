internal import Engine
package import Messages
internal import Model
internal import Store

extension Operations {
    /// Lists a batch's items in their order; a page ends early where it would have more than a message
    /// holds. Needs viewer.
    package func listBatchItems(_ request: ListBatchItemsRequest, by caller: Caller)
        async throws(OperationError) -> ListBatchItemsResponse
    {
        let grant = try await authorise(.listBatchItems, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 100)
        if request.statuses.count > 16 {
            check.fault("statuses", "expected at most 16, got \(request.statuses.count)")
        }
        for (index, status) in request.statuses.prefix(16).enumerated() {
            check.known("statuses[\(index)]", status)
        }
        try check.finish()
        let batch = try await batch(request.batchID, grant)
        let statuses = request.statuses.filter { $0 != .unspecified }
        let pages = PageToken(
            "ListBatchItems",
            [grant.workspaceID, batch.id] + statuses.map { "\($0.rawValue)" })
        let after = try pages.numbers(request.pageToken, count: 1).map {
            Int32(truncatingIfNeeded: $0[0])
        }
        let found = try await reading { () async throws(StoreError) in
            try await store.many.batchItems(
                batch.number, after: after, statuses: statuses,
                room: PageRoom(rows: limit, bytes: pageBytesMax))
        }
        var page = found.items
        if request.withCurrentNode {
            for index in page.indices where page[index].isUnderWay {
                let number = ExecutionNumber(rawValue: page[index].executionNumber)
                page[index].currentNodeID = try await engaging { () async throws(EngineError) in
                    try await engine.currentNodeID(number)
                }
            }
        }
        return ListBatchItemsResponse(
            items: page,
            nextPageToken: found.hasMore
                ? page.last.map { pages.token(Int64($0.position)) } ?? "" : "")
    }
}

extension BatchItem {
    /// It has started and not ended.
    var isUnderWay: Bool { status == .running || status == .suspended }
}
