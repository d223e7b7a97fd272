internal import Engine
package import Messages
internal import Model
package import ProtobufRuntime
internal import Store

/// Which part of a list a door shows that does not page by token, and what more its executions must be.
package struct ExecutionListPart: Sendable, Equatable {
    /// How many of the newest to leave out; at most `skipMax`.
    package var skip = 0
    /// Begin after this number, whether there is such an execution or not; nil: at the newest.
    package var below: Int64?
    /// Only executions that started at or after.
    package var startedFrom: Timestamp?
    /// Only executions that started before.
    package var startedBefore: Timestamp?

    /// A page that is told by its number begins at most so far down.
    package static let skipMax = ExecutionQuery.skipMax

    package init(
        skip: Int = 0, below: Int64? = nil, startedFrom: Timestamp? = nil,
        startedBefore: Timestamp? = nil
    ) {
        self.skip = skip
        self.below = below
        self.startedFrom = startedFrom
        self.startedBefore = startedBefore
    }

    /// An execution may have been queued so long and still be found by when it started.
    private static let queuedSecondsMax: Int64 = 24 * 3_600

    /// Puts these bounds into a query.
    func narrow(_ query: inout ExecutionQuery) {
        query.skip = skip
        if let startedFrom {
            query.startedFrom = WallTime(startedFrom)
            // Lists are sorted by creation: without a bound on it they would be read to their end.
            let created = Timestamp(
                seconds: max(startedFrom.seconds - Self.queuedSecondsMax, Timestamp.firstSecond))
            if query.filter.createdFrom.map({ $0 < created }) ?? true {
                query.filter.createdFrom = created
            }
        }
        if let startedBefore {
            query.startedBefore = WallTime(startedBefore)
            if query.filter.createdBefore.map({ startedBefore < $0 }) ?? true {
                query.filter.createdBefore = startedBefore
            }
        }
    }
}

/// A part of a list.
package struct ListedExecutions: Sendable {
    /// In the BASIC view, without what may be large: the newest of their open interrupts alone, and
    /// of errors no details.
    package let executions: [Execution]
    /// Whether there are more after them.
    package let hasMore: Bool
    private let readWhole: @Sendable (Int64) async throws(OperationError) -> Execution?

    fileprivate init(
        executions: [Execution], hasMore: Bool,
        readWhole: @escaping @Sendable (Int64) async throws(OperationError) -> Execution?
    ) {
        self.executions = executions
        self.hasMore = hasMore
        self.readWhole = readWhole
    }

    /// One of `executions` in the FULL view, shown as the list's request asked for it. A page of them
    /// may be large: they are read one by one, when there is room for the next.
    /// - Returns: what was listed, where it was erased meanwhile.
    package func whole(_ execution: Execution) async throws(OperationError) -> Execution {
        try await readWhole(execution.number) ?? execution
    }
}

extension Operations {
    /// Lists a part of executions, newest first; `page_token` and `view` are not looked at. However
    /// much its executions hold, it has all that `page_size` asks for. Needs viewer.
    package func listExecutions(
        _ request: ListExecutionsRequest, part: ExecutionListPart, by caller: Caller
    ) async throws(OperationError) -> ListedExecutions {
        let grant = try await authorise(
            .listExecutions, caller, workspaceID: request.workspaceID, podID: request.podID)
        var query = try await query(request, part, grant)
        query.detail = .slim
        let asked = query
        let page = try await reading { () async throws(StoreError) in
            try await store.executions(asked)
        }
        let showing = try await showing(
            request.redaction, caller, grant, triggers: page.rows.map(\.execution.trigger),
            object: "a list of \(page.rows.count) executions")
        let found = try await linked(
            try await executions(page.rows, view: .basic, detail: asked.detail), grant)
        return ListedExecutions(
            executions: found.map { showing.shown($0) }, hasMore: page.next != nil
        ) { number async throws(OperationError) in
            try await whole(number, grant).map { showing.shown($0) }
        }
    }

    private func whole(_ number: Int64, _ grant: Authoriser.Grant)
        async throws(OperationError) -> Execution?
    {
        let row = try await reading { () async throws(StoreError) in
            try await store.execution(
                .number(ExecutionNumber(rawValue: number)), workspaceID: grant.workspaceID)
        }
        guard let row else { return nil }
        let found = try await engaging { () async throws(EngineError) in
            try await engine.execution(row, view: .full)
        }
        return try await linked([found], grant).first
    }

    /// The checked query of a part.
    func query(
        _ request: ListExecutionsRequest, _ part: ExecutionListPart, _ grant: Authoriser.Grant
    ) async throws(OperationError) -> ExecutionQuery {
        var check = RequestCheck()
        var filter = request.filter ?? ExecutionFilter()
        check.filter(filter)
        check.known("view", request.view)
        check.known("redaction", request.redaction)
        check.range("skip", part.skip, 0...ExecutionListPart.skipMax)
        let limit = check.pageSize(request.pageSize, usual: 50)
        try check.finish()
        filter = try await resolved(filter, grant)
        var query = ExecutionQuery(
            workspaceID: grant.workspaceID, podID: grant.podID, filter: filter, limit: limit)
        part.narrow(&query)
        guard let below = part.below else { return query }
        let number = ExecutionNumber(rawValue: below)
        let last = try await reading { () async throws(StoreError) in
            try await store.execution(.number(number), workspaceID: grant.workspaceID)
        }
        if let last, let createdAt = last.execution.createTime {
            query.after = ExecutionQuery.Position(createdAt: WallTime(createdAt), number: number)
        } else {
            query.below = number
        }
        return query
    }
}
