package import Expressions
internal import JSON
package import Logging
package import Messages
package import Model
internal import ProtobufRuntime
package import Store
internal import Synchronization

/// Runs executions: takes triggers, answers, cancels and replays, and advances what was accepted.
///
/// Each execution belongs to one shard, where everything about it is decided in order; what a call
/// returns is committed. Safe to use from any task; one for a store.
package final class Engine: Sendable {
    private static let shardCount = 2

    let parts: EngineParts
    private let shards: [Shard]
    let nextBatchNumber = Mutex<Int64?>(nil)
    private let waiterIDs = Atomic<Int>(0)
    private let startWaiters = Mutex<
        (isStarted: Bool, waiting: [CheckedContinuation<Void, Never>])
    >(
        (false, []))

    /// What encrypts the secrets of workspaces.
    package var secretKeys: SecretKeyring { parts.configuration.secretKeys }

    /// Where workers and their tasks meet.
    package var workers: WorkerHub { parts.workers }

    package init(
        store: any Store, committer: Committer, evaluator: ExpressionEvaluator,
        environment: any Environment, limits: Limits,
        configuration: EngineConfiguration = EngineConfiguration(), logger: Logger
    ) {
        let parts = EngineParts(
            store: store, committer: committer, evaluator: evaluator, environment: environment,
            limits: limits, configuration: configuration, logger: logger)
        self.parts = parts
        shards = (0..<Self.shardCount).map { Shard(index: $0, parts: parts) }
        parts.use(shards)
        committer.observeTasks { [weak parts] in parts?.workers.tasksChanged($0) }
        committer.observeInbox { [weak parts] recipients in
            for number in recipients { parts?.post(.inbox(number), to: number) }
        }
    }

    deinit {
        // The parts and the shards hold each other.
        parts.use([])
    }

    // MARK: Life

    /// Recovers what was unfinished, then serves timers until cancelled.
    /// - Throws: if the store cannot be read at the start.
    package func run() async throws(EngineError) {
        do throws(StoreError) {
            let first = try parts.store.nextNumber()
            let firstBatch = try parts.store.many.nextBatchNumber()
            parts.useNumbers(from: first)
            nextBatchNumber.withLock { $0 = firstBatch }
        } catch {
            throw EngineError(error)
        }
        try await parts.workers.recover()
        try await recover()
        let waiting = startWaiters.withLock { state in
            defer { state = (true, []) }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
        async let forgetting: Void = parts.forgetRequests()
        async let forgettingEvents: Void = parts.forgetEvents()
        async let watching: Void = parts.workers.run()
        async let stopping: Void = stopBatchesOn()
        async let retention: Void = parts.serveRetention()
        await parts.serveTimers()
        await forgetting
        await forgettingEvents
        await stopping
        await retention
        await watching
        await parts.http.shutDown()
    }

    /// Returns once recovery is done and triggers are taken.
    package func started() async {
        await withCheckedContinuation { continuation in
            let isStarted = startWaiters.withLock { state in
                if !state.isStarted { state.waiting.append(continuation) }
                return state.isStarted
            }
            if isStarted { continuation.resume() }
        }
    }

    private func recover() async throws(EngineError) {
        var after: ExecutionNumber?
        var counts = (queued: 0, running: 0)
        var groups = try await parts.recoverGroups()
        while true {
            let rows: [ExecutionRow]
            do throws(StoreError) {
                rows = try await parts.store.unfinished(after: after, limit: 1_000)
            } catch {
                throw EngineError(error)
            }
            guard let last = rows.last else { break }
            for row in rows {
                let execution = row.execution
                let number = ExecutionNumber(rawValue: execution.number)
                if execution.status == .queued {
                    counts.queued += 1
                    // One that is to start later is found by its timer.
                    guard row.wakeAt == nil else { continue }
                    parts.enqueue(
                        number, priority: execution.priority, workspace: execution.workspaceID,
                        groups: groups.removeValue(forKey: number) ?? [])
                } else {
                    counts.running += 1
                    parts.post(.recover(number), to: number)
                }
            }
            after = ExecutionNumber(rawValue: last.execution.number)
        }
        try await recoverInbox()
        parts.logger.info(
            "recovered executions",
            metadata: ["running": "\(counts.running)", "queued": "\(counts.queued)"])
    }

    /// Messages that were committed and not folded when the server ended.
    private func recoverInbox() async throws(EngineError) {
        let limit = 1_000
        var after: ExecutionNumber?
        while true {
            let recipients: [ExecutionNumber]
            do throws(StoreError) {
                recipients = try await parts.store.inboxRecipients(after: after, limit: limit)
            } catch {
                throw EngineError(error)
            }
            for number in recipients { parts.post(.inbox(number), to: number) }
            guard recipients.count == limit else { return }
            after = recipients.last
        }
    }

    /// Takes no more triggers, starts no more bodies, and returns when those at work have ended and
    /// everything decided is committed; or when the task is cancelled, which cuts bodies off.
    package func drain() async {
        parts.isDraining.store(true, ordering: .relaxed)
        for shard in shards { shard.post(.hold) }
        while !Task.isCancelled {
            for shard in shards { await shard.idle() }
            // Behind everything that was submitted before: its completions may bring more work.
            do throws(StoreError) {
                _ = try await parts.committer.commit(Commit([]), admission: .accepted)
            } catch {
                return
            }
            if shards.allSatisfy({ $0.load.busy == 0 }) { return }
        }
    }

    // MARK: Trigger

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
                "\(parts.configuration.queuedMax) executions are queued, which is the limit",
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

    private func makeWaiter(_ deadline: ContinuousClock.Instant, _ gate: RestGate) -> RestWaiter {
        RestWaiter(
            id: waiterIDs.add(1, ordering: .relaxed).newValue, deadline: deadline,
            resume: { gate.endWait($0) })
    }

    /// Waits at the gate; a cancelled task stops waiting for the execution, not for its commit.
    private func pass(_ gate: RestGate, _ waiter: RestWaiter?, _ number: ExecutionNumber) async
        -> (CommitOutcome, RestedExecution?)
    {
        guard let waiter else { return await gate.pass() }
        let parts = parts
        return await withTaskCancellationHandler {
            await gate.pass()
        } onCancel: {
            gate.endWait(nil)
            parts.post(.stopWaiting(number, waiter.id), to: number)
        }
    }

    func checkedInput(_ new: NewExecution, graph: WorkflowGraph) throws(EngineError) -> String {
        try Self.checkedInput(new.inputJSON, graph: graph, limits: parts.limits)
    }

    /// The input of a new execution: JSON, not too large, and as the workflow's schema wants it.
    static func checkedInput(
        _ inputJSON: String, graph: WorkflowGraph, limits: Limits
    ) throws(EngineError) -> String {
        let schema = graph.inputSchema
        let input = inputJSON.isEmpty ? (schema == nil ? "null" : "{}") : inputJSON
        let size = input.utf8.count
        guard size <= limits.inputBytesMax else {
            throw EngineError(
                .invalidArgument, reason: "INPUT_TOO_LARGE",
                "input of \(size) bytes exceeds the limit of \(limits.inputBytesMax)",
                violations: [
                    EngineError.Violation(
                        field: "input_json",
                        description: "at most \(limits.inputBytesMax) bytes, got \(size)")
                ])
        }
        let faults: [JSONSchema.Fault]
        do throws(JSONError) {
            if let schema {
                faults = schema.validate(try JSONValue(parsing: input))
            } else {
                if !inputJSON.isEmpty { _ = try JSONText(validating: input) }
                faults = []
            }
        } catch {
            throw EngineError(
                .invalidArgument, reason: "INPUT_INVALID", "the input is no JSON: \(error)",
                violations: [
                    EngineError.Violation(field: "input_json", description: error.description)
                ])
        }
        guard let first = faults.first else { return input }
        throw EngineError(
            .invalidArgument, reason: "INPUT_INVALID",
            "the input does not satisfy the workflow's schema: \(first)",
            violations: faults.map {
                EngineError.Violation(field: "input_json\($0.pointer)", description: $0.message)
            })
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

    // MARK: Commands

    /// Cancels an execution that is not final; it is CANCELLED when this returns.
    package func cancel(
        _ number: ExecutionNumber, by principal: String, reason: String, request: RequestRecord?
    ) async throws(EngineError) -> Execution {
        try await ask(number, .cancel(by: principal, reason: reason), request)
    }

    /// Answers an interrupt.
    package func respond(
        _ number: ExecutionNumber, _ response: InterruptResponse, request: RequestRecord?
    ) async throws(EngineError) -> Execution {
        if !response.dataJSON.isEmpty {
            let size = response.dataJSON.utf8.count
            let fault: String
            if size > parts.limits.answerBytesMax {
                fault =
                    "answer of \(size) bytes exceeds the limit of \(parts.limits.answerBytesMax)"
            } else {
                do throws(JSONError) {
                    _ = try JSONText(validating: response.dataJSON)
                    fault = ""
                } catch {
                    fault = "the answer is no JSON: \(error)"
                }
            }
            if !fault.isEmpty {
                throw EngineError(
                    .invalidArgument, reason: "ANSWER_INVALID", fault,
                    violations: [EngineError.Violation(field: "data_json", description: fault)])
            }
        }
        return try await ask(number, .respond(response), request)
    }

    /// Pauses, resumes, goes on at a breakpoint or a pause, or turns trace logs on or off.
    package func control(
        _ number: ExecutionNumber, _ command: ControlCommand, request: RequestRecord?
    ) async throws(EngineError) -> Execution {
        try await ask(number, .control(command), request)
    }

    private func ask(
        _ number: ExecutionNumber, _ command: ExecutionCommand, _ request: RequestRecord?
    ) async throws(EngineError) -> Execution {
        if let request, let known = try await repeated(request) { return known }
        let result: Result<Execution, EngineError> = await withCheckedContinuation { continuation in
            parts.post(
                .asked(
                    number,
                    Asked(command: command, request: request) { continuation.resume(returning: $0) }
                ),
                to: number)
        }
        do throws(EngineError) {
            return try result.get()
        } catch {
            // The same request may have been taken between the look-up and the decision.
            if let request, let known = try await repeated(request) { return known }
            throw error
        }
    }

    /// The execution as it stands if this very request was taken before.
    private func repeated(_ request: RequestRecord) async throws(EngineError) -> Execution? {
        guard
            let known = try await self.request(
                request.workspaceID, method: request.method, id: request.requestID)
        else { return nil }
        guard known.hash == request.hash, known.number == request.number else {
            throw .requestMismatch
        }
        guard let row = try await parts.row(known.number) else { throw .notFound }
        return row.execution
    }

    // MARK: Waiting

    /// Returns when the execution is final or suspended, or at the deadline, or when the task is
    /// cancelled.
    /// - Returns: the execution, if it has ended and is known without reading the store.
    @discardableResult
    package func waitForRest(_ number: ExecutionNumber, until deadline: ContinuousClock.Instant)
        async -> RestedExecution?
    {
        let gate = RestGate(waits: true, outcome: .committed)
        let waiter = makeWaiter(deadline, gate)
        parts.post(.wait(number, waiter), to: number)
        return await pass(gate, waiter, number).1
    }

    // MARK: Looking in

    /// Executions in memory, and how many of them have something under way.
    package var load: (resident: Int, busy: Int) {
        shards.reduce((0, 0)) { sum, shard in
            let load = shard.load
            return (sum.0 + load.resident, sum.1 + load.busy)
        }
    }

    /// What breaks the rule that every non-final execution in memory has a next wake-up.
    package func invariantFaults() -> [String] { shards.flatMap { $0.invariantFaults() } }
}
