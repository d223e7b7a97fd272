internal import Engine
package import Messages
internal import Model
internal import Store

extension Operations {
    /// Lists the kinds that workers have registered, by name; a page ends early where their schemas would
    /// have more than a message holds. Needs viewer.
    package func listWorkerKinds(_ request: ListWorkerKindsRequest, by caller: Caller)
        async throws(OperationError) -> ListWorkerKindsResponse
    {
        let grant = try await authorise(.listWorkerKinds, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken("ListKinds", [grant.workspaceID])
        let after = try pages.name(request.pageToken)
        let page = try await reading { () async throws(StoreError) in
            try await store.kinds(
                workspaceID: grant.workspaceID, after: after,
                room: PageRoom(rows: limit, bytes: pageBytesMax))
        }
        var counts: [String: Int32] = [:]
        for worker in engine.workers.workers(of: grant.workspaceID) {
            for kind in worker.spec.kinds { counts[kind.name, default: 0] += 1 }
        }
        return ListWorkerKindsResponse(
            kinds: page.kinds.map { row in
                RegisteredKind(
                    name: row.name, dataSchemaJSON: row.schemaJSON, registeredBy: row.registeredBy,
                    createTime: row.createdAt.timestamp, updateTime: row.updatedAt.timestamp,
                    workerCount: counts[row.name] ?? 0)
            },
            nextPageToken: page.hasMore
                ? page.kinds.last.map { pages.token(name: $0.name) } ?? "" : "")
    }
}
