internal import JSON
internal import Logging
internal import Messages
internal import Metrics
internal import Model
internal import ProtobufRuntime
package import Store
internal import Synchronization

/// Where workers and tasks meet: hands out what waits, watches over who holds it, and commits what
/// became of it. Safe to use from any task.
package final class WorkerHub: Sendable {
    let store: any Store
    let committer: Committer
    let environment: any Environment
    let limits: Limits
    let vault: SecretVault
    let keyring: SecretKeyring
    let logger: Logger
    private let board: Mutex<TaskBoard>
    private let sleeper = Mutex<(until: WallTime, task: Task<Void, Never>)?>(nil)
    private let sessions = Mutex<[ObjectIdentifier: WorkSession]>([:])
    private let isDraining = Atomic<Bool>(false)
    /// Values of secrets that workers were handed, for as long as they hold the task.
    private let shownSecrets = Mutex<[TaskKey: Set<String>]>([:])
    let schemas = KindSchemas()
    let oldNames = OldTaskNames()
    private let lostCounter = Counter(label: "signalbox_worker_tasks_lost_total")
    private let handedOutCounter = Counter(label: "signalbox_worker_tasks_handed_out_total")

    init(
        store: any Store, committer: Committer, environment: any Environment, limits: Limits,
        vault: SecretVault, keyring: SecretKeyring, logger: Logger
    ) {
        self.store = store
        self.committer = committer
        self.environment = environment
        self.limits = limits
        self.vault = vault
        self.keyring = keyring
        self.logger = logger
        board = Mutex(TaskBoard(limits: limits.workers))
    }

    // MARK: Life

    /// Reads what waited when the server ended. Called before anything is committed.
    func recover() async throws(EngineError) {
        let pageSize = 1_000
        var after: TaskPosition?
        let now = environment.now()
        change { $0.keepClaims(until: now.advanced(by: limits.workers.returnGrace)) }
        do throws(StoreError) {
            for row in try await store.queues(workspaceID: nil) { limit(row) }
            while true {
                let page = try await store.tasks(
                    workspaceID: nil, after: after, limit: pageSize)
                change { board in
                    for (head, _) in page { board.inserted(head, isUnclaimed: true) }
                }
                guard page.count == pageSize, let last = page.last else { return }
                after = last.position
            }
        } catch {
            throw EngineError(error)
        }
    }

    /// Watches over heartbeats until cancelled; from then on no worker is connected.
    func run() async {
        while !Task.isCancelled {
            let task = nextSleep()
            await withTaskCancellationHandler {
                await task.value
            } onCancel: {
                task.cancel()
            }
            if !Task.isCancelled { tick() }
        }
        // A session holds its hub, which must not outlive its engine.
        for session in sessions.withLock({ Array($0.values) }) { disconnected(session) }
    }

    /// Sleeps until something is due; woken by whoever makes something due sooner.
    private func nextSleep() -> Task<Void, Never> {
        let environment = environment
        return sleeper.withLock { sleeper in
            // Under the lock, so that what is due sooner finds the sleeper or is seen here.
            let until =
                board.withLock { $0.nextInstant }
                ?? environment.now().advanced(by: .seconds(3_600))
            let task = Task { await environment.sleep(until: until) }
            sleeper = (until, task)
            return task
        }
    }

    private func wakeSleeper(for instant: WallTime?) {
        guard let instant else { return }
        sleeper.withLock { sleeper in
            if let (until, task) = sleeper, instant < until { task.cancel() }
        }
    }

    private func tick() {
        let now = environment.now()
        var keys: [TaskKey] = []
        change { board in
            keys = board.due(at: now)
            for key in keys { board.losing(key) }
        }
        for key in keys { lose(key) }
    }

    /// Tells the task's execution that its worker was lost. Where that cannot be committed it is tried
    /// again.
    private func lose(_ key: TaskKey) {
        let message = InboxMessage(
            kind: .taskLost(TaskLost(nodePath: key.nodePath, attempt: key.attempt)))
        let changes: [Change] = [
            .worker(.task(.end(key))), .insertInbox(InboxRow(message, to: key.number)),
        ]
        do throws(StoreError) {
            try committer.submit(Commit(changes), admission: .accepted) { outcome in
                switch outcome {
                case .committed: self.lostCounter.increment()
                case .refused: self.tasksChanged([.withdraw(key)])
                case .failed: break
                }
            }
        } catch {
            logger.warning("a lost task was not recorded", metadata: ["error": "\(error)"])
        }
    }

    /// Ends all streams and takes no more: the server is stopping. What workers hold is theirs until
    /// the server is back.
    package func drain() {
        isDraining.store(true, ordering: .relaxed)
        for session in sessions.withLock({ Array($0.values) }) { session.send(.draining) }
    }

    // MARK: The board

    /// Changes the board, then hands out what can be.
    private func change(_ body: (inout TaskBoard) -> Void) {
        let now = environment.now()
        let isDraining = isDraining.load(ordering: .relaxed)
        let (reads, next) = board.withLock { board in
            body(&board)
            if !isDraining { board.dispatch(at: now) }
            var reads: [String] = []
            for action in board.takeActions() {
                switch action {
                // Under the lock, so that what concerns one task is sent in order. Never blocks.
                case .send(let session, let item): session.send(item)
                case .read(let workspaceID): reads.append(workspaceID)
                }
            }
            return (reads, board.nextInstant)
        }
        for workspaceID in reads { read(workspaceID) }
        wakeSleeper(for: next)
    }

    /// What the committer says of tasks.
    func tasksChanged(_ changes: [TaskChange]) {
        change { board in
            for change in changes {
                switch change {
                case .insert(let row): board.inserted(row.head)
                case .end(let key): board.gone(key, isWithdrawn: false)
                case .withdraw(let key): board.gone(key, isWithdrawn: true)
                }
            }
        }
        oldNames.forget(changes)
        shownSecrets.withLock { shown in
            if shown.isEmpty { return }
            for change in changes {
                switch change {
                case .insert: break
                case .end(let key), .withdraw(let key): shown[key] = nil
                }
            }
        }
    }

    /// Reads tasks that are not in memory.
    private func read(_ workspaceID: String) {
        let pageSize = 1_000
        Task {
            var heads: [TaskHead] = []
            var after: TaskPosition?
            do throws(StoreError) {
                while heads.count < max(1, limits.workers.waitingInMemoryMax / 2) {
                    let page = try await store.tasks(
                        workspaceID: workspaceID, after: after, limit: pageSize)
                    let isKnown = board.withLock { board in
                        page.map { board.isKnown($0.task.key, workspaceID: workspaceID) }
                    }
                    for (entry, isKnown) in zip(page, isKnown) where !isKnown {
                        heads.append(entry.task)
                    }
                    guard page.count == pageSize, let last = page.last else {
                        change { $0.found(heads, workspaceID: workspaceID, isAll: true) }
                        return
                    }
                    after = last.position
                }
                change { $0.found(heads, workspaceID: workspaceID, isAll: false) }
            } catch {
                logger.error("cannot read waiting tasks", metadata: ["error": "\(error)"])
                await environment.sleep(until: environment.now().advanced(by: .seconds(1)))
                change { $0.readFailed(workspaceID) }
                tasksChanged([])
            }
        }
    }

    // MARK: Workers

    /// A worker's stream begins. The caller closes the session.
    /// - Parameter held: the names of what it is still at work on. What is no task of this server is told
    ///   to be over.
    /// - Throws: WORKERS_MAX, WORKER_ID_TAKEN, DRAINING.
    package func connect(_ spec: WorkerSpec, held: [String]) throws(EngineError) -> WorkSession {
        guard !isDraining.load(ordering: .relaxed) else { throw .draining }
        let session = WorkSession(spec: spec, hub: self)
        let now = environment.now()
        var fits = false
        var isTaken = false
        let (own, unknown) = split(held)
        sessions.withLock { $0[ObjectIdentifier(session)] = session }
        change { board in
            isTaken = board.isTaken(spec.id, workspaceID: spec.workspaceID, by: spec.principal)
            fits = !isTaken && board.hasRoom(for: spec)
            if fits { board.connected(spec, session: session, held: Array(own.keys), at: now) }
        }
        guard fits else {
            _ = sessions.withLock { $0.removeValue(forKey: ObjectIdentifier(session)) }
            if isTaken { throw Self.taken(spec.id) }
            throw EngineError(
                .resourceExhausted, reason: "WORKERS_MAX",
                "the workspace has \(limits.workers.workersPerWorkspaceMax) workers, which is the limit",
                retryAfter: .seconds(10))
        }
        oldNames.remember(own)
        for name in unknown { session.send(.told(name, .over)) }
        return session
    }

    private static func taken(_ workerID: String) -> EngineError {
        EngineError(
            .alreadyExists, reason: "WORKER_ID_TAKEN",
            "another principal's worker is connected as '\(workerID)'")
    }

    func disconnected(_ session: WorkSession) {
        _ = sessions.withLock { $0.removeValue(forKey: ObjectIdentifier(session)) }
        let now = environment.now()
        change { $0.disconnected(session, at: now) }
    }

    /// A worker says that it is at work on the tasks of these names.
    /// - Returns: those of them that are not its own, or no longer.
    /// - Throws: WORKER_ID_TAKEN.
    package func heard(
        of workerID: String, workspaceID: String, principal: String, names: [String]
    ) throws(EngineError) -> [(name: String, reason: TaskEndReason)] {
        let now = environment.now()
        let (own, unknown) = split(names)
        var gone: [(TaskKey, TaskEndReason)]?
        change { board in
            guard !board.isTaken(workerID, workspaceID: workspaceID, by: principal) else { return }
            gone = board.heard(
                of: workerID, workspaceID: workspaceID, keys: Array(own.keys), at: now)
        }
        guard let gone else { throw Self.taken(workerID) }
        oldNames.remember(own, except: gone.map(\.0))
        return gone.compactMap { key, reason in own[key].map { ($0, reason) } }
            + unknown.map { ($0, .over) }
    }

    /// The session's stream has taken the task.
    func sent(_ key: TaskKey, to session: WorkSession) {
        board.withLock { $0.sent(key, to: session) }
    }

    /// A kind of the workspace was registered anew or forgotten.
    package func kindChanged(_ name: String, workspaceID: String) {
        schemas.forget(name, workspaceID: workspaceID)
    }

    /// Sets a queue's limits here; they are stored already.
    package func limit(_ row: QueueRow) {
        let now = environment.now()
        change { $0.limit(row.name, workspaceID: row.workspaceID, row, at: now) }
    }

    /// Takes a queue's limits away here.
    package func unlimit(_ queue: String, workspaceID: String) {
        let now = environment.now()
        change { $0.limit(queue, workspaceID: workspaceID, nil, at: now) }
    }

    /// Takes the limits of all queues of a workspace away here: it is deleted.
    package func workspaceDeleted(_ workspaceID: String) {
        change { $0.unlimit(workspaceID: workspaceID) }
    }

    // MARK: For the ends of tasks

    func ending(_ key: TaskKey, by workerID: String) {
        board.withLock { $0.ending(key, by: workerID) }
    }

    func wasLost(_ key: TaskKey) -> Bool { board.withLock { $0.wasLost(key) } }

    func progressed(_ key: TaskKey) -> Duration? {
        let now = environment.now()
        return board.withLock { $0.progressed(key, at: now) }
    }

    func shown(_ values: [String], for key: TaskKey) {
        shownSecrets.withLock { $0[key, default: []].formUnion(values) }
    }

    func shown(for key: TaskKey) -> [String] { shownSecrets.withLock { Array($0[key] ?? []) } }

    func handedOut() { handedOutCounter.increment() }

    // MARK: Looking in

    /// Tasks in memory that wait, tasks that workers hold, and connected workers.
    package var counts: (waiting: Int, running: Int, workers: Int) { board.withLock { $0.counts } }

    /// The connected workers of a workspace, by id.
    package func workers(of workspaceID: String) -> [WorkerStanding] {
        board.withLock { $0.workers(of: workspaceID) }
    }

    /// What is in the queues of a workspace.
    package func queues(of workspaceID: String) -> [String: QueueStanding] {
        board.withLock { $0.queues(of: workspaceID) }
    }

    /// How the tasks of an execution stand, for people.
    func note(_ number: ExecutionNumber) -> String? { board.withLock { $0.note(number) } }
}
