internal import Engine
package import Messages
internal import Store

extension Operations {
    /// Lists the kinds that workers have registered, by name. Needs viewer.
    package func listWorkerKinds(_ request: ListWorkerKindsRequest, by caller: Caller)
        async throws(OperationError) -> ListWorkerKindsResponse
    {
        let grant = try await authorise(.listWorkerKinds, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = PageToken("ListKinds", [grant.workspaceID])
        let after = try pages.name(request.pageToken)
        let rows = try await reading { () async throws(StoreError) in
            try await store.kinds(
                workspaceID: grant.workspaceID, after: after, limit: limit + 1)
        }
        var counts: [String: Int32] = [:]
        for worker in engine.workers.workers(of: grant.workspaceID) {
            for kind in worker.spec.kinds { counts[kind.name, default: 0] += 1 }
        }
        let page = rows.prefix(limit).fitting { $0.schemaJSON.utf8.count + $0.name.utf8.count }
        return ListWorkerKindsResponse(
            kinds: page.map { row in
                RegisteredKind(
                    name: row.name, dataSchemaJSON: row.schemaJSON, registeredBy: row.registeredBy,
                    createTime: row.createdAt.timestamp, updateTime: row.updatedAt.timestamp,
                    workerCount: counts[row.name] ?? 0)
            },
            nextPageToken: rows.count > page.count
                ? page.last.map { pages.token(name: $0.name) } ?? "" : "")
    }
}
