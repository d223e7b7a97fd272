internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// New executions: how they are made, and what a repeat gets.
extension Engine {
    /// Makes an execution; it is committed when this returns.
    package func trigger(_ new: NewExecution) async throws(EngineError) -> Triggered {
        try await begin(new, waitUntil: nil).triggered
    }

    /// Makes an execution and returns when it is final or suspended, or at the deadline, or when the
    /// task is cancelled; it is committed when this returns.
    /// - Returns: with `rested`, if it has ended and what it did is known without reading the store.
    package func trigger(
        _ new: NewExecution, waitUntil deadline: ContinuousClock.Instant
    ) async throws(EngineError) -> (triggered: Triggered, rested: RestedExecution?) {
        let made = try await begin(new, waitUntil: deadline)
        guard made.triggered.existing else { return made }
        let number = ExecutionNumber(rawValue: made.triggered.execution.number)
        return (made.triggered, await waitForRest(number, until: deadline))
    }

    /// Makes the execution. A repeat gets the first result, whatever has become of its workflow and
    /// of this server since.
    private func begin(
        _ new: NewExecution, waitUntil deadline: ContinuousClock.Instant?
    ) async throws(EngineError) -> (triggered: Triggered, rested: RestedExecution?) {
        do throws(EngineError) {
            let version = try await version(of: new)
            return try await create(new, version: version, taken: [], waitUntil: deadline)
        } catch {
            guard let request = new.request,
                let record = try await self.request(
                    new.workspaceID, method: request.method, id: request.id)
            else { throw error }
            return (try await existing(record, hash: request.hash), nil)
        }
    }

    private func version(of new: NewExecution) async throws(EngineError) -> GraphCache.Version {
        guard
            let version = try await parts.graphs.version(
                new.workflowID, new.version, workspaceID: new.workspaceID),
            new.podID.isEmpty || version.podID == new.podID
        else {
            throw EngineError(
                .notFound, reason: "WORKFLOW_NOT_FOUND",
                new.version.map { "there is no version \($0) of a workflow '\(new.workflowID)'" }
                    ?? "there is no workflow '\(new.workflowID)'")
        }
        return version
    }

    func takeNumber() throws(EngineError) -> ExecutionNumber { try parts.takeNumber() }

    func create(
        _ new: NewExecution, version: GraphCache.Version, taken: [TakenResult],
        waitUntil deadline: ContinuousClock.Instant? = nil
    ) async throws(EngineError) -> (triggered: Triggered, rested: RestedExecution?) {
        let input = try Self.checkedInput(
            new.inputJSON, graph: version.graph, limits: parts.limits)
        let number = try parts.takeNumber()
        let now = parts.environment.now()
        var header = header(of: new, number, version, input: input, at: now)
        try await parts.join(&header, version.graph.concurrency)
        // One that starts later, or needs a place in a group, takes no slot yet.
        let waits = header.notBefore != nil || !header.groups.isEmpty
        let arrival = waits ? parts.arriveLater() : parts.arrive(new.workspaceID)
        guard arrival != .refuse else {
            throw EngineError(
                .resourceExhausted, reason: "QUEUE_FULL",
                "\(parts.limits.queuedMax) executions are queued, which is the limit",
                retryAfter: .seconds(1))
        }
        let (machine, decision) = ExecutionMachine.created(
            header, graph: version.graph, limits: parts.limits, taken: taken,
            starts: arrival == .run, at: now)
        var live = LiveExecution(number: number, machine: machine, stored: machine.mark)
        live.holdsSlot = arrival == .run
        var changes: [Change] = [.insertExecution(machine.row)]
        for row in LiveExecution.journalRows(number, decision.events) {
            changes.append(.appendJournal(row))
        }
        // A node that needs nothing resolved has begun already: its event is waited for, its child made.
        changes += decision.changes
        changes += Self.memberships(number, header, tagIDs: new.tagIDs)
        if let request = new.request {
            changes.append(
                .recordRequest(
                    RequestRecord(
                        workspaceID: new.workspaceID, method: request.method,
                        requestID: request.id, hash: request.hash, number: number)))
        }
        changes += new.companions(number, header.id)
        if deadline != nil {
            live.history = []
            live.remember(decision.events)
        }
        let (outcome, rested) = await commit(
            changes, live, decision.effects, arrival, waitUntil: deadline)
        switch outcome {
        case .committed:
            parts.metrics.started()
            return (Triggered(execution: machine.execution, existing: false), rested)
        case .refused(.requestExists(let record)):
            return (try await existing(record, hash: new.request?.hash ?? []), nil)
        case .refused(.keyInUse(let holder)):
            // A repeat of the request that holds the key is a repeat, not a conflict.
            if let request = new.request,
                let record = try await self.request(
                    new.workspaceID, method: request.method, id: request.id)
            {
                return (try await existing(record, hash: request.hash), nil)
            }
            return (try await keyInUse(new, holder), nil)
        case .refused(.notFound):
            throw EngineError(
                .notFound, reason: "WORKFLOW_NOT_FOUND",
                "the workflow '\(new.workflowID)'"
                    + (new.tagIDs.isEmpty ? "" : " or one of the tags") + " was erased meanwhile")
        case .refused(.alreadyFired):
            throw EngineError(
                .alreadyExists, reason: "ALREADY_FIRED",
                "'\(new.triggerID)' has fired for this time or delivery before")
        case .refused(let refusal):
            throw EngineError(.internal, reason: "STORE_FAILED", "the store refused it: \(refusal)")
        case .failed(let error):
            throw EngineError(error)
        }
    }

    /// Commits a new execution and hands it to its shard, on the committer's thread: no task has to
    /// run in between, and one that waits for the execution goes on only once.
    private func commit(
        _ changes: [Change], _ live: LiveExecution, _ effects: [ExecutionEffect],
        _ arrival: Slots.OnArrival, waitUntil deadline: ContinuousClock.Instant?
    ) async -> (CommitOutcome, RestedExecution?) {
        let parts = parts
        let header = live.machine.header
        let workspace = header.workspaceID
        let wakeAt = live.machine.wakeAt
        let gate = RestGate(waits: deadline != nil)
        let waiter = deadline.map { makeWaiter($0, gate) }
        do throws(StoreError) {
            try parts.committer.submit(Commit(changes), admission: .new) { outcome in
                if case .committed = outcome {
                    if arrival == .run {
                        parts.postCommitted(.adopt(live, effects, waiter), to: live.number)
                    } else {
                        if let wakeAt {
                            parts.schedule(live.number, at: wakeAt)
                        } else {
                            parts.enqueue(live.number, header)
                        }
                        if let waiter { parts.post(.wait(live.number, waiter), to: live.number) }
                    }
                } else if arrival == .run {
                    parts.release(workspace)
                }
                gate.committed(outcome)
            }
        } catch {
            if arrival == .run { parts.release(workspace) }
            gate.committed(.failed(error))
        }
        return await pass(gate, waiter, live.number)
    }

    private func keyInUse(_ new: NewExecution, _ holder: ExecutionNumber) async throws(EngineError)
        -> Triggered
    {
        if new.conflictPolicy == .attach, let row = try await parts.row(holder) {
            return Triggered(execution: row.execution, existing: true)
        }
        throw EngineError(
            .alreadyExists, reason: "KEY_IN_USE",
            "the key '\(new.key)' belongs to execution \(holder), which is not final",
            metadata: ["execution_number": "\(holder)"])
    }

    // MARK: Repeats

    func request(_ workspaceID: String, method: String, id: String)
        async throws(EngineError) -> RequestRecord?
    {
        do throws(StoreError) {
            return try await parts.store.request(
                workspaceID: workspaceID, method: method, requestID: id)
        } catch {
            throw EngineError(error)
        }
    }

    func existing(_ record: RequestRecord, hash: [UInt8]) async throws(EngineError)
        -> Triggered
    {
        guard record.hash == hash else { throw .requestMismatch }
        guard let row = try await parts.row(record.number) else { throw .notFound }
        return Triggered(execution: row.execution, existing: true)
    }
}
