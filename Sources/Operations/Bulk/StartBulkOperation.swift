package import Messages
internal import Model
internal import Store

extension Operations {
    /// Executions that a dry run shows.
    private static var samplesMax: Int { 20 }

    /// Starts an action on every execution that a filter selects. Needs what the action needs.
    package func startBulkOperation(_ request: StartBulkOperationRequest, by caller: Caller)
        async throws(OperationError) -> StartBulkOperationResponse
    {
        let grant = try await authorise(
            .startBulkOperation, caller, workspaceID: request.workspaceID, podID: request.podID)
        try Self.check(grant, mayStart: request.action)
        try check(request)
        var filter = try narrowed(request.filter ?? ExecutionFilter(), to: request.action)
        filter = try await resolved(filter, grant)
        let add = try await tags(request.addTags, grant).map(\.id)
        let remove = try await tags(request.removeTags, grant).map(\.id)
        var asked = request
        asked.requestID = ""
        let hash = RequestHash.of(asked)
        if let existing = try await existingBulk(request, hash, grant) { return existing }

        let now = environment.now()
        // What it makes itself, and what others start meanwhile, is not meant.
        filter.createdBefore = min(filter.createdBefore ?? now.timestamp, now.timestamp)
        var query = ExecutionQuery(
            workspaceID: grant.workspaceID, podID: grant.podID, filter: filter,
            limit: Self.samplesMax)
        query.detail = .slim
        let total = try await reading { [query] () async throws(StoreError) in
            try await store.count(query)
        }
        var operation = BulkOperation(
            workspaceID: grant.workspaceID, podID: grant.podID ?? "", action: request.action,
            filter: filter, status: .running, total: total, startTime: now.timestamp,
            startedBy: grant.principal.name, reason: request.reason, addTags: add,
            removeTags: remove,
            rate: request.rate == 0 ? Int32(limits.bulkRateUsual) : request.rate)
        guard !request.dryRun else {
            let page = try await reading { [query] () async throws(StoreError) in
                try await store.executions(query)
            }
            return StartBulkOperationResponse(
                operation: operation, samples: page.rows.map(BulkSample.init))
        }
        operation.id =
            ExecutionID(time: now, random: (environment.random(), environment.random()))
            .description
        let change = BulkChange.insert(
            operation, principal: caller.principal, requestID: request.requestID,
            requestHash: hash, openMax: limits.bulkOperationsMax, keep: limits.bulkOperationsKept)
        let refusal = try await committing(
            [.many(.bulk(change))], grant, "bulk operation \(operation.id)")
        switch refusal {
        case nil: break
        case .tooMany:
            throw OperationError(
                .resourceExhausted, reason: "BULK_OPERATIONS_MAX",
                "\(limits.bulkOperationsMax) bulk operations of the workspace are under way, which is "
                    + "the limit", retryAfter: .seconds(10))
        case .some:
            // The same request was taken at the same time.
            guard let existing = try await existingBulk(request, hash, grant) else {
                throw OperationError(.aborted, reason: "CONFLICT", "try again")
            }
            return existing
        }
        bulkSignal.send()
        return StartBulkOperationResponse(
            operation: try await bulk(operation.id, grant).operation)
    }

    /// Whether the role suffices for the action itself, beyond what a bulk operation needs.
    static func check(_ grant: Authoriser.Grant, mayStart action: BulkAction)
        throws(OperationError)
    {
        if action == .delete { try Authoriser.check(grant, .role(.editor)) }
    }

    private func check(_ request: StartBulkOperationRequest) throws(OperationError) {
        var check = RequestCheck()
        check.known("action", request.action)
        if request.action == .unspecified { check.fault("action", "expected an action, got none") }
        check.filter(request.filter ?? ExecutionFilter())
        check.text("reason", request.reason, bytesMax: 1_024)
        check.tags("add_tags", request.addTags, max: limits.tagsPerExecutionMax)
        check.tags("remove_tags", request.removeTags, max: limits.tagsPerExecutionMax)
        let hasTags = !request.addTags.isEmpty || !request.removeTags.isEmpty
        if hasTags != (request.action == .tag) {
            check.fault("add_tags", "expected tags with the action TAG, and only with it")
        }
        check.range("rate", request.rate, 0...Int32(limits.bulkRateMax))
        check.text("request_id", request.requestID, bytesMax: 128)
        try check.finish()
    }

    /// The filter with those states only in which the action can be taken.
    private func narrowed(_ filter: ExecutionFilter, to action: BulkAction)
        throws(OperationError) -> ExecutionFilter
    {
        let states: [StateFilter]
        switch action {
        case .cancel: states = .notFinal
        case .retry:
            states = [StateFilter(status: .failed), StateFilter(status: .cancelled)]
        case .replay, .delete: states = .final
        case .tag, .unspecified, .unrecognized: return filter
        }
        var filter = filter
        if filter.states.isEmpty {
            filter.states = states
            return filter
        }
        filter.states.removeAll { state in !states.contains { $0.status == state.status } }
        guard !filter.states.isEmpty else {
            throw .invalid(
                "filter.states", "expected a state in which the action can be taken, got none")
        }
        return filter
    }

    private func existingBulk(
        _ request: StartBulkOperationRequest, _ hash: [UInt8], _ grant: Authoriser.Grant
    ) async throws(OperationError) -> StartBulkOperationResponse? {
        guard !request.requestID.isEmpty, !request.dryRun else { return nil }
        let found = try await reading { () async throws(StoreError) in
            try await store.many.bulk(requestID: request.requestID, workspaceID: grant.workspaceID)
        }
        guard let found else { return nil }
        guard found.hash == hash else {
            throw OperationError(
                .alreadyExists, reason: "REQUEST_MISMATCH",
                "the request id was used before with a different request")
        }
        return StartBulkOperationResponse(operation: found.operation, existing: true)
    }
}

extension BulkSample {
    init(_ row: ExecutionRow) {
        let execution = row.execution
        self.init(
            executionID: execution.id, executionNumber: execution.number,
            workflowID: execution.workflowID,
            state: StateFilter(
                status: execution.status, reason: execution.reason,
                waiting: execution.waitingUntil == nil ? .unspecified : .yes),
            createTime: execution.createTime)
    }
}
