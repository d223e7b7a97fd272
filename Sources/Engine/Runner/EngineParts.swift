internal import Expressions
internal import JSON
internal import Logging
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store
internal import Synchronization

/// What the shards share: the store and the doors to everything that takes time.
///
/// The tasks made here are the engine's named root: each ends by posting one letter to a shard.
final class EngineParts: Sendable {
    let store: any Store
    let committer: Committer
    let evaluator: ExpressionEvaluator
    let environment: any Environment
    let limits: Limits
    let configuration: EngineConfiguration
    let logger: Logger
    let graphs: GraphCache
    let metrics = EngineMetrics()
    let http: HTTPBody
    let vault: SecretVault
    let workers: WorkerHub
    let retries: Retries
    private let slots: Mutex<Slots>
    /// Executions that are yet to be recovered.
    private let recovering = Mutex(0)
    private let timers = Mutex(Timers())
    private let sleeper = Mutex<Task<Void, Never>?>(nil)
    private let shards = Mutex<[Shard]>([])
    private let bodyCount = Mutex(0)
    private let nextNumber = Mutex<Int64?>(nil)
    /// The server is stopping: nothing new is taken.
    let isDraining = Atomic<Bool>(false)

    init(
        store: any Store, committer: Committer, evaluator: ExpressionEvaluator,
        environment: any Environment, limits: Limits, configuration: EngineConfiguration,
        logger: Logger
    ) {
        self.store = store
        self.committer = committer
        self.evaluator = evaluator
        self.environment = environment
        self.limits = limits
        self.configuration = configuration
        self.logger = logger
        retries = Retries(environment)
        graphs = GraphCache(store: store, committer: committer, limits: limits)
        http = HTTPBody(configuration: configuration)
        vault = SecretVault(store: store, keyring: configuration.secretKeys)
        workers = WorkerHub(
            store: store, committer: committer, environment: environment, limits: limits,
            vault: vault, keyring: configuration.secretKeys, logger: logger)
        slots = Mutex(Slots(limits: limits))
    }

    // MARK: Shards

    func use(_ shards: [Shard]) {
        // Returned, so that what was held is let go of outside the lock.
        _ = self.shards.withLock { held in
            defer { held = shards }
            return held
        }
    }

    func shard(of number: ExecutionNumber) -> Shard? {
        shards.withLock { shards in
            shards.isEmpty ? nil : shards[Int(number.rawValue) % shards.count]
        }
    }

    func post(_ letter: Letter, to number: ExecutionNumber) { shard(of: number)?.post(letter) }

    /// Posts what the committer's thread tells of a commit.
    func postCommitted(_ letter: Letter, to number: ExecutionNumber) {
        guard let shard = shard(of: number) else { return }
        if committer.groupCommitCount <= Self.drainedGroupMax {
            shard.postAndDrain(letter)
        } else {
            shard.post(letter)
        }
    }

    /// Up to so many commits in a group, waking another thread costs more than their decisions.
    private static let drainedGroupMax = 4

    // MARK: Numbers

    /// The first number to give.
    func useNumbers(from first: ExecutionNumber) {
        nextNumber.withLock { $0 = first.rawValue }
    }

    /// - Parameter isNew: it is for new work, which a server that is stopping refuses.
    func takeNumber(isNew: Bool = true) throws(EngineError) -> ExecutionNumber {
        guard !isNew || !isDraining.load(ordering: .relaxed) else { throw .draining }
        let number = nextNumber.withLock { next -> Int64? in
            guard let number = next else { return nil }
            next = number + 1
            return number
        }
        guard let number else {
            throw EngineError(
                .unavailable, reason: "STARTING", "the server is starting", retryAfter: .seconds(1))
        }
        return ExecutionNumber(rawValue: number)
    }

    // MARK: Slots

    /// Whether as many executions are queued as may be.
    var isQueueFull: Bool { slots.withLock { $0.queued >= limits.queuedMax } }

    func arrive(_ workspace: String) -> Slots.OnArrival {
        slots.withLock { $0.arrived(workspace) }
    }

    func takeSlot(_ workspace: String) { slots.withLock { $0.take(workspace) } }

    func release(_ workspace: String) {
        start(slots.withLock { $0.release(workspace) })
    }

    func enqueue(
        _ number: ExecutionNumber, priority: Int32, workspace: String,
        groups: [ConcurrencyGroup] = []
    ) {
        start(
            withSlots {
                $0.enqueue(number, priority: priority, workspace: workspace, groups: groups)
            })
        if withSlots({ $0.takeWarning() }) {
            logger.warning(
                "the queue of executions is more than half full",
                metadata: ["limit": "queued_max", "max": "\(limits.queuedMax)"])
        }
    }

    /// Nothing that is queued starts until `releaseQueue`.
    func holdQueue() { withSlots { $0.isHeld = true } }

    /// What is queued starts, in its order, once so many executions were recovered.
    func releaseQueue(after count: Int) {
        recovering.withLock { $0 = count }
        if count == 0 { start(withSlots { $0.letGo() }) }
    }

    /// An execution that was RUNNING when the server ended has its slot, needs none, or cannot be loaded.
    func recoveredOne() {
        let isLast = recovering.withLock { count in
            count -= 1
            return count == 0
        }
        if isLast { start(withSlots { $0.letGo() }) }
    }

    func withSlots<Result>(_ body: (inout sending Slots) -> sending Result) -> sending Result {
        slots.withLock(body)
    }

    func start(_ admitted: [(number: ExecutionNumber, workspace: String)]) {
        for (number, workspace) in admitted {
            post(.start(number, workspaceID: workspace), to: number)
        }
    }

    func recordSlots() {
        let (running, queued) = slots.withLock { ($0.running, $0.queued) }
        metrics.slots(running: running, queued: queued)
        metrics.bodies(bodyCount.withLock { $0 })
    }

    /// Whether nothing of it needs to be in memory.
    func mayLeave(_ machine: ExecutionMachine) -> Bool {
        switch machine.status {
        case .completed, .failed, .cancelled, .suspended, .queued: return true
        case .running:
            guard machine.isResting else { return machine.isHeld }
            guard let until = machine.wakeAt else { return true }
            return until > environment.now().advanced(by: configuration.residentWaitMax)
        case .unspecified, .unrecognized: return true
        }
    }

    // MARK: Timers

    func schedule(_ number: ExecutionNumber, at wakeAt: WallTime) {
        let isSoonest = timers.withLock { $0.schedule(number, at: wakeAt) }
        if isSoonest { sleeper.withLock { $0?.cancel() } }
    }

    /// Serves the timers until cancelled.
    func serveTimers() async {
        var nextPoll = environment.now()
        while !Task.isCancelled {
            var now = environment.now()
            if now >= nextPoll { nextPoll = await poll(now) }
            let target = await sleepUntilNext(poll: nextPoll)
            now = environment.now()
            // A delay is over when the sleep is, whatever became of the wall clock.
            let reached = max(now, target ?? now)
            for number in timers.withLock({ $0.due(at: reached) }) {
                post(.wake(number, delays: reached), to: number)
            }
            recordSlots()
        }
    }

    /// - Returns: the instant slept until, nil if woken before.
    private func sleepUntilNext(poll: WallTime) async -> WallTime? {
        let environment = environment
        let (target, task) = sleeper.withLock { sleeper in
            // Under the lock, so that a sooner timer finds the sleeper or is seen here.
            let target = timers.withLock { $0.next(poll: poll) }
            let task = Task { await environment.sleep(until: target) }
            sleeper = task
            return (target, task)
        }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        return task.isCancelled ? nil : target
    }

    /// Reads what is due soon; gives when to read again.
    private func poll(_ now: WallTime) async -> WallTime {
        let countMax = 10_000
        let horizon = now.advanced(by: configuration.wakeUpInterval * 2)
        // First the promise, then the look: what is committed in between is in the heap twice, not lost.
        timers.withLock { $0.found([], horizon: horizon) }
        do throws(StoreError) {
            let found = try await store.wakeUps(before: horizon, limit: countMax)
            let isCut = found.count == countMax
            let reached = isCut ? found.last?.wakeAt ?? horizon : horizon
            timers.withLock {
                $0.found(
                    found.map { Timers.Entry(wakeAt: $0.wakeAt, number: $0.number) },
                    horizon: reached)
            }
            return isCut
                ? max(reached, now.advanced(by: .milliseconds(100)))
                : now.advanced(by: configuration.wakeUpInterval)
        } catch {
            logger.error("cannot read the timers", metadata: ["error": "\(error)"])
            return now.advanced(by: .seconds(1))
        }
    }

    // MARK: Loading

    func load(_ number: ExecutionNumber, _ shard: Shard) {
        Task { shard.post(.loaded(number, await self.fold(number))) }
    }

    /// The same after a failure, after a pause that grows with them.
    func loadLater(_ number: ExecutionNumber, failures: Int, _ shard: Shard) {
        guard failures > 0 else { return load(number, shard) }
        retries.after(.milliseconds(min(5_000, 50 << min(failures, 7)))) {
            shard.post(.loaded(number, await self.fold(number)))
        }
    }

    /// Folds an execution from its journal.
    func fold(_ number: ExecutionNumber) async -> LoadResult {
        do throws(EngineError) {
            guard let row = try await row(number) else { return .missing }
            guard
                let version = try await graphs.version(
                    row.execution.workflowID, row.execution.workflowVersion,
                    workspaceID: row.execution.workspaceID)
            else {
                if row.execution.status.isEnd { return .missing }
                return .failed(
                    EngineError(
                        .internal, reason: "WORKFLOW_MISSING", "the execution's workflow is gone"))
            }
            let inbox = try await inbox(of: number)
            var machine = ExecutionMachine(graph: version.graph, limits: limits)
            try await forEachBatch(of: number) { batch in
                for event in batch.events { machine.apply(event) }
            }
            return .found(
                machine,
                RowMark(
                    state: ExecutionState(of: row.execution), wakeAt: row.wakeAt,
                    interruptChanges: machine.interruptChanges,
                    waitsFor: machine.mark.waitsFor), inbox)
        } catch {
            return .failed(error)
        }
    }

    func row(_ number: ExecutionNumber) async throws(EngineError) -> ExecutionRow? {
        do throws(StoreError) {
            return try await store.execution(.number(number), workspaceID: nil)
        } catch {
            throw EngineError(error)
        }
    }

    /// Reads a journal from the first event, a bounded piece at a time.
    /// - Parameter payloads: false: large inputs, outputs and answers are not read and left empty.
    func forEachBatch(
        of number: ExecutionNumber, payloads: Bool = true, _ body: (EventBatch) -> Void
    ) async throws(EngineError) {
        var sequence: Int64 = 0
        while true {
            let rows: [JournalRow]
            do throws(StoreError) {
                rows = try await store.journal(
                    number, after: sequence, byteLimit: 1 << 20, payloads: payloads)
            } catch {
                throw EngineError(error)
            }
            guard let last = rows.last else { return }
            for row in rows { body(try Self.decode(row)) }
            sequence = last.lastSequence
            if last.endsExecution { return }
        }
    }

    static func decode(_ row: JournalRow) throws(EngineError) -> EventBatch {
        do {
            return try unsafe row.batch.withUnsafeBytes { bytes in
                try unsafe EventBatch(protobufBytes: bytes)
            }
        } catch {
            throw EngineError(
                .internal, reason: "JOURNAL_CORRUPT",
                "the journal of execution \(row.number) cannot be read")
        }
    }

    func checkRest(_ number: ExecutionNumber, _ shard: Shard) {
        Task {
            let row = try? await self.row(number)
            let status = row?.execution.status ?? .completed
            if status.isEnd || status == .suspended { shard.post(.rested(number)) }
        }
    }

    // MARK: Evaluations and bodies

    func resolve(
        _ node: NodeRef, attempt: Int32, of live: LiveExecution, _ shard: Shard
    ) -> Task<Void, Never> {
        let number = live.number
        let data = live.machine.definition(node).data
        var bindings = live.machine.bindings(for: node)
        let workspace = live.machine.header.workspaceID
        if !data.secretNames.isEmpty {
            bindings.secretMarks = vault.marks(
                data.secretNames, executionID: live.machine.header.id)
        }
        // Immediate: what is only paths is done before this returns, without a hop.
        return Task.immediate { [bindings] in
            var result: Result<JSONText, NodeFailure>
            do throws(ExpressionError) {
                result = .success(
                    try await data.resolve(bindings, with: self.evaluator, workspace: workspace))
            } catch {
                result = .failure(NodeFailure(error))
            }
            shard.post(.result(number, .resolved(node: node, attempt: attempt, result)))
        }
    }

    func run(_ start: BodyStart, of live: LiveExecution, _ shard: Shard) -> Task<Void, Never> {
        let number = live.number
        let header = live.machine.header
        if case .child(let plan) = start.body {
            return prepareChild(start, plan, of: live, shard)
        }
        let secretNames = live.machine.definition(start.node).data.secretNames
        bodyCount.withLock { $0 += 1 }
        return Task {
            let result = await self.bounded(start.timeout) {
                switch start.body {
                case .noop, .child:
                    return .success("")
                case .http(let plan):
                    let token = IdempotencyToken.make(executionID: header.id, path: start.path)
                    return await self.vault.filling(plan, secretNames, for: header) { plan in
                        await self.http.send(plan, token: token, traceparent: header.traceparent)
                    }
                }
            }
            self.bodyCount.withLock { $0 -= 1 }
            // What was broken off because the server stops, is begun again when it starts.
            if case .failure = result, self.http.isShutDown { return }
            shard.post(
                .result(number, .bodyEnded(node: start.node, attempt: start.attempt, result)))
        }
    }

    /// The body's result, or the failure of its time-out, whichever comes first.
    private func bounded(
        _ timeout: Duration?, _ body: @escaping @Sendable () async -> Result<String, NodeFailure>
    ) async -> Result<String, NodeFailure> {
        guard let timeout else { return await body() }
        let environment = environment
        let deadline = environment.now().advanced(by: timeout)
        return await withTaskGroup(of: Result<String, NodeFailure>.self) { group in
            group.addTask { await body() }
            group.addTask {
                await environment.sleep(until: deadline)
                return .failure(ExecutionMachine.timeOut(timeout))
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .failure(ExecutionMachine.timeOut(timeout))
        }
    }
}
