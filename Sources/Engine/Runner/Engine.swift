package import Expressions
package import Logging
internal import Messages
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
        parts.retries.end()
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
        var queuedCount = 0
        var running: [ExecutionNumber] = []
        parts.holdQueue()
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
                    queuedCount += 1
                    // One that is to start later is found by its timer.
                    guard row.wakeAt == nil else { continue }
                    parts.enqueue(
                        number, priority: execution.priority, workspace: execution.workspaceID,
                        groups: groups.removeValue(forKey: number) ?? [])
                } else {
                    running.append(number)
                }
            }
            after = ExecutionNumber(rawValue: last.execution.number)
        }
        // Those that need a slot have theirs before anything that is queued gets one.
        parts.releaseQueue(after: running.count)
        for number in running { parts.post(.recover(number), to: number) }
        try await recoverInbox()
        parts.logger.info(
            "recovered executions",
            metadata: ["running": "\(running.count)", "queued": "\(queuedCount)"])
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

    func makeWaiter(_ deadline: ContinuousClock.Instant, _ gate: RestGate) -> RestWaiter {
        RestWaiter(
            id: waiterIDs.add(1, ordering: .relaxed).newValue, deadline: deadline,
            resume: { gate.endWait($0) })
    }

    /// Waits at the gate; a cancelled task stops waiting for the execution, not for its commit.
    func pass(_ gate: RestGate, _ waiter: RestWaiter?, _ number: ExecutionNumber) async
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
