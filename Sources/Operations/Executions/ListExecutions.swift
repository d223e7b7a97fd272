internal import Engine
package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Lists executions, newest first; a page ends early where it would have more than a message holds.
    /// Needs viewer.
    package func listExecutions(_ request: ListExecutionsRequest, by caller: Caller)
        async throws(OperationError) -> ListExecutionsResponse
    {
        let grant = try await authorise(
            .listExecutions, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        var filter = request.filter ?? ExecutionFilter()
        check.filter(filter)
        check.known("view", request.view)
        check.known("redaction", request.redaction)
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        let pages = Self.pages(filter, grant)
        filter = try await resolved(filter, grant)
        let position = try pages.numbers(request.pageToken, count: 2)
        var query = ExecutionQuery(
            workspaceID: grant.workspaceID, podID: grant.podID, filter: filter, limit: limit,
            after: position.map {
                ExecutionQuery.Position(
                    createdAt: WallTime(microseconds: $0[0]),
                    number: ExecutionNumber(rawValue: $0[1]))
            })
        query.detail = .listed(bytesMax: pageBytesMax)
        let page = try await reading { [query] () async throws(StoreError) in
            try await store.executions(query)
        }
        let showing = try await showing(
            request.redaction, caller, grant, triggers: page.rows.map(\.execution.trigger),
            object: "a list of \(page.rows.count) executions")
        let found = try await linked(
            try await executions(page.rows, view: request.view, detail: query.detail), grant)
        return ListExecutionsResponse(
            executions: found.map { showing.shown($0) },
            nextPageToken: page.next.map {
                pages.token($0.createdAt.microseconds, $0.number.rawValue)
            } ?? "")
    }

    /// The token of the page of `request`'s list that begins after an execution: for doors whose lists
    /// go on after an id. Needs viewer.
    package func pageToken(
        of request: ListExecutionsRequest, after executionID: String, by caller: Caller
    ) async throws(OperationError) -> String {
        let grant = try await authorise(
            .listExecutions, caller, workspaceID: request.workspaceID, podID: request.podID)
        let row = try await execution(executionID, grant)
        let createdAt = row.execution.createTime?.microsecondsSinceEpoch ?? 0
        return Self.pages(request.filter ?? ExecutionFilter(), grant)
            .token(createdAt, row.number.rawValue)
    }

    private static func pages(_ filter: ExecutionFilter, _ grant: Authoriser.Grant) -> PageToken {
        PageToken("ListExecutions", [grant.workspaceID, grant.podID ?? ""], message: filter)
    }

    /// The executions of a page in the view asked for; those past what a message holds come without
    /// their payloads.
    func executions(
        _ rows: some Collection<ExecutionRow>, view: ExecutionView, detail: ExecutionQuery.Detail
    ) async throws(OperationError) -> [Execution] {
        var executions: [Execution] = []
        executions.reserveCapacity(rows.count)
        var room = pageBytesMax
        if view == .full { for row in rows { room -= row.execution.messageBytes } }
        for row in rows {
            let isWhole = view == .full && room > 0
            var execution = try await engaging { () async throws(EngineError) in
                try await engine.execution(
                    row, view: isWhole ? .full : .basic, detail: detail)
            }
            if view == .full {
                let count = execution.messageBytes - row.execution.messageBytes
                if !isWhole {
                    execution.dataTooLarge = true
                } else if count > room {
                    execution = try await engaging { () async throws(EngineError) in
                        try await engine.execution(row, view: .basic, detail: detail)
                    }
                    execution.dataTooLarge = true
                } else {
                    room -= count
                }
            }
            executions.append(execution)
        }
        return executions
    }
}
