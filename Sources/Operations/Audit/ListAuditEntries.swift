package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Lists a workspace's audit log, newest first. Needs admin.
    package func listAuditEntries(_ request: ListAuditEntriesRequest, by caller: Caller)
        async throws(OperationError) -> ListAuditEntriesResponse
    {
        let grant = try await authorise(
            .listAuditEntries, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("principal", request.principal, bytesMax: 320)
        if !request.operation.isEmpty, OperationName(rawValue: request.operation) == nil {
            check.fault(
                "operation",
                "expected an operation such as WorkflowService/Put, got "
                    + "'\(OperationError.shown(request.operation))'")
        }
        check.instant("from", request.from)
        check.instant("before", request.before)
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        var selection = request
        selection.pageSize = 0
        selection.pageToken = ""
        let pages = PageToken("ListAuditEntries", [grant.workspaceID], message: selection)
        let position = try pages.numbers(request.pageToken, count: 2)
        let query = AuditQuery(
            workspaceID: grant.workspaceID,
            principal: request.principal.isEmpty ? nil : request.principal,
            operation: request.operation.isEmpty ? nil : request.operation,
            from: request.from.map(WallTime.init), before: request.before.map(WallTime.init),
            limit: limit + 1,
            after: position.map {
                AuditQuery.Position(time: WallTime(microseconds: $0[0]), id: $0[1])
            })
        let entries = try await reading { () async throws(StoreError) in
            try await store.access.auditEntries(query)
        }
        guard entries.count > limit, let last = entries.prefix(limit).last else {
            return ListAuditEntriesResponse(entries: entries)
        }
        let time = last.time.map { WallTime($0).microseconds } ?? 0
        return ListAuditEntriesResponse(
            entries: Array(entries.prefix(limit)), nextPageToken: pages.token(time, last.id))
    }
}
