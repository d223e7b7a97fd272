internal import Model
internal import Store

/// Which task waits, which is handed to which worker, and until when that worker must be heard of: a
/// value. No I/O, no clock.
///
///     waiting ── handed out ─▶ running ── ended, withdrawn ─▶ gone
///        ▲                        │ └─ not heard of in time ─▶ lost: its execution makes another
///        └── its worker is back ──┘     attempt, which waits
///            without it, twice at most
///
/// The store's rows are the truth of what is to be done; the board may be made anew from them at any
/// time. Workspaces take turns, and workers within each.
struct TaskBoard {
    /// What the hub must do.
    enum Action {
        case send(WorkSession, WorkSession.Item)
        /// Tasks of the workspace wait that are not in memory, and there is room for them.
        case read(workspaceID: String)
    }

    /// After what a loss that could not be committed is tried again.
    private static let lossRetry = Duration.seconds(5)
    /// How often a worker that was sent an attempt may come back without it before it counts as lost.
    static let takenBackMax = 2
    /// Fewer entries than this are never swept.
    static let sweepMin = 1_000

    private let limits: WorkerLimits
    private var spaces: [String: TaskSpace] = [:]
    private var running = RunningTasks()
    /// Workspaces in which something may be handed out, in turn.
    private var turns = Turns<String>()
    private var byExecution: [ExecutionNumber: Set<TaskKey>] = [:]
    /// How often attempts that were sent were taken back.
    private var takenBack: [TaskKey: Int] = [:]
    private var lost = LostTasks()
    private var claimsUntil = WallTime(microseconds: .min)
    /// When something may be handed out that only had to wait.
    private var laterAt: WallTime?
    private var actions: [Action] = []

    init(limits: WorkerLimits) {
        self.limits = limits
    }

    /// When to look at it next although nothing happens.
    var nextInstant: WallTime? {
        switch (running.nextDeadline, laterAt) {
        case (let left?, let right?): min(left, right)
        case (let left, let right): left ?? right
        }
    }

    /// Entries kept for tasks that wait or run, and for those that did lately.
    var entryCount: Int { spaces.values.reduce(running.deadlineCount) { $0 + $1.placeCount } }

    var counts: (waiting: Int, running: Int, workers: Int) {
        spaces.values.reduce((0, running.count, 0)) { sum, space in
            (
                sum.0 + space.waiting.count, sum.1,
                sum.2 + space.workers.values.count { $0.session != nil }
            )
        }
    }

    /// What is to be done, once.
    mutating func takeActions() -> [Action] {
        defer { actions = [] }
        return actions
    }

    // MARK: Tasks

    /// A task was committed.
    /// - Parameter isUnclaimed: it is from before the server was started.
    mutating func inserted(_ head: TaskHead, isUnclaimed: Bool = false) {
        guard running[head.key] == nil else { return }
        let waitingMax = limits.waitingInMemoryMax
        change(head.workspaceID) { space in
            guard space.overflow == .nothing else {
                if space.overflow == .reading { space.overflow = .readingAndMissed }
                return
            }
            guard space.waiting.count < waitingMax else {
                space.overflow = .some
                return
            }
            space.add(head)
            if isUnclaimed { space.unclaimed.insert(head.key) }
        }
        if spaces[head.workspaceID]?.waiting[head.key] != nil {
            byExecution[head.key.number, default: []].insert(head.key)
        }
    }

    /// What the store holds of a workspace whose tasks were not all in memory.
    /// - Parameter isAll: nothing of it was left out.
    mutating func found(_ heads: [TaskHead], workspaceID: String, isAll: Bool) {
        let mayMiss = spaces[workspaceID]?.overflow == .readingAndMissed
        spaces[workspaceID]?.overflow = .nothing
        for head in heads { inserted(head) }
        if !isAll || mayMiss { change(workspaceID) { $0.overflow = .some } }
        readMore(workspaceID)
    }

    /// What waits in memory has become little.
    private mutating func readMore(_ workspaceID: String) {
        guard let space = spaces[workspaceID], space.overflow == .some,
            space.waiting.count <= limits.waitingInMemoryMax / 2
        else { return }
        spaces[workspaceID]?.overflow = .reading
        actions.append(.read(workspaceID: workspaceID))
    }

    /// Reading the store failed.
    mutating func readFailed(_ workspaceID: String) { spaces[workspaceID]?.overflow = .some }

    func isKnown(_ key: TaskKey, workspaceID: String) -> Bool {
        running[key]?.head.workspaceID == workspaceID
            || spaces[workspaceID]?.waiting[key] != nil
    }

    /// Its row is gone: it ended, or (`isWithdrawn`) nobody wants it.
    mutating func gone(_ key: TaskKey, isWithdrawn: Bool) {
        forget(key)
        if let task = running[key] {
            let reason: TaskEndReason? =
                isWithdrawn
                ? .cancelled
                : lost.contains(key)
                    ? .lost
                    : task.endedBy == task.workerID || task.endedBy == "" ? nil : .over
            release(key, told: reason)
            return
        }
        for workspaceID in spaces.keys where spaces[workspaceID]?.waiting[key] != nil {
            change(workspaceID) { _ = $0.remove(key) }
            readMore(workspaceID)
        }
    }

    private mutating func forget(_ key: TaskKey) {
        takenBack[key] = nil
        byExecution[key.number]?.remove(key)
        if byExecution[key.number]?.isEmpty ?? false { byExecution[key.number] = nil }
    }

    /// Takes a task from its worker.
    private mutating func release(_ key: TaskKey, told reason: TaskEndReason?) {
        guard let task = running.end(key) else { return }
        let workspaceID = task.head.workspaceID
        var session: WorkSession?
        change(workspaceID) { space in
            space.count(task.queue) { $0.running -= 1 }
            guard var worker = space.workers[task.workerID] else { return }
            session = worker.session
            worker.held.remove(key)
            let count = worker.heldByKind[task.head.kind, default: 1] - 1
            worker.heldByKind[task.head.kind] = count > 0 ? count : nil
            space.workers[task.workerID] = worker
            if worker.session == nil, worker.held.isEmpty { space.removeWorker(task.workerID) }
        }
        if let session, let reason { actions.append(.send(session, .cancelled(key, reason))) }
        readMore(workspaceID)
    }

    /// The worker's stream has taken the task: it is at the worker, or was lost with the stream.
    mutating func sent(_ key: TaskKey, to session: WorkSession) {
        guard let task = running[key],
            spaces[task.head.workspaceID]?.workers[task.workerID]?.session === session
        else { return }
        running.change(key) { $0.isSent = true }
    }

    /// A result came from `workerID` (empty: from whom is not said) and is being committed.
    mutating func ending(_ key: TaskKey, by workerID: String) {
        running.change(key) { $0.endedBy = workerID }
    }

    /// Whether a report of progress may be taken now; counts it.
    /// - Returns: when to try again; nil: it may.
    mutating func progressed(_ key: TaskKey, at now: WallTime) -> Duration? {
        running.progressed(key, at: now, limits)
    }

    func wasLost(_ key: TaskKey) -> Bool { lost.contains(key) }

    // MARK: Workers

    /// Whether one more worker fits.
    func hasRoom(for spec: WorkerSpec) -> Bool {
        let space = spaces[spec.workspaceID]
        return space?.workers[spec.id] != nil
            || space?.workers.count ?? 0 < limits.workersPerWorkspaceMax
    }

    /// Whether a worker of another principal is connected under this id.
    func isTaken(_ workerID: String, workspaceID: String, by principal: String) -> Bool {
        guard let worker = spaces[workspaceID]?.workers[workerID], worker.session != nil else {
            return false
        }
        return worker.spec.principal != principal
    }

    /// A worker's stream has begun; `held` is what it is still at work on.
    mutating func connected(
        _ spec: WorkerSpec, session: WorkSession, held: [TaskKey], at now: WallTime
    ) {
        let old = spaces[spec.workspaceID]?.workers[spec.id]
        if let old = old?.session { actions.append(.send(old, .replaced)) }
        let had = old?.held ?? []
        var worker = TaskSpace.Worker(spec, session: session, at: now)
        worker.held = had
        worker.heldByKind = old?.heldByKind ?? [:]
        change(spec.workspaceID) { $0.connected(worker) }
        let named = Set(held)
        for key in had {
            if named.contains(key) { running.renew(key, at: now) } else { takeBack(key, at: now) }
        }
        for key in named.subtracting(had) {
            if let reason = claim(key, for: spec, at: now) {
                actions.append(.send(session, .cancelled(key, reason)))
            }
        }
    }

    /// A worker's stream has ended; it may come back for a while.
    mutating func disconnected(_ session: WorkSession, at now: WallTime) {
        let spec = session.spec
        guard var worker = spaces[spec.workspaceID]?.workers[spec.id], worker.session === session
        else { return }
        worker.session = nil
        let until = now.advanced(by: limits.returnGrace)
        for key in worker.held { running.expect(key, by: until) }
        let isEmpty = worker.held.isEmpty
        change(spec.workspaceID) { space in
            space.workers[spec.id] = worker
            if isEmpty { space.removeWorker(spec.id) }
        }
    }

    /// A worker is alive and at work on `keys`.
    /// - Returns: those of them that are no longer its own.
    mutating func heard(
        of workerID: String, workspaceID: String, keys: [TaskKey], at now: WallTime
    ) -> [(key: TaskKey, reason: TaskEndReason)] {
        let spec = spaces[workspaceID]?.workers[workerID]?.spec
        spaces[workspaceID]?.workers[workerID]?.seenAt = now
        var gone: [(TaskKey, TaskEndReason)] = []
        for key in keys {
            if running[key]?.workerID == workerID, running[key]?.head.workspaceID == workspaceID {
                running.renew(key, at: now)
            } else if let spec {
                if let reason = claim(key, for: spec, at: now) { gone.append((key, reason)) }
            } else if !isKnown(key, workspaceID: workspaceID), mayKnow(workspaceID) {
                gone.append((key, lost.contains(key) ? .lost : .over))
            }
        }
        return gone
    }

    /// Gives a waiting task to the worker that is at work on it already.
    /// - Returns: why not.
    private mutating func claim(_ key: TaskKey, for spec: WorkerSpec, at now: WallTime)
        -> TaskEndReason?
    {
        if let head = spaces[spec.workspaceID]?.waiting[key] {
            change(spec.workspaceID) { _ = $0.remove(key) }
            assign(head, to: spec, at: now)
            running.change(key) { $0.isSent = true }
            return nil
        }
        if running[key] != nil || lost.contains(key) { return .lost }
        return mayKnow(spec.workspaceID) ? .over : nil
    }

    /// Whether every task of the workspace that waits is in memory.
    private func mayKnow(_ workspaceID: String) -> Bool {
        (spaces[workspaceID]?.overflow ?? .nothing) == .nothing
    }

    /// Its worker came back without it: it never got there, or ended the worker that got it. Which of
    /// both it was nobody can tell, so that what was sent is taken back a few times only.
    private mutating func takeBack(_ key: TaskKey, at now: WallTime) {
        guard let task = running[key] else { return }
        let head = task.head
        if task.isSent {
            guard takenBack[key, default: 0] < Self.takenBackMax else {
                return running.expect(key, by: now)
            }
            takenBack[key, default: 0] += 1
        }
        release(key, told: nil)
        change(head.workspaceID) { $0.add(head) }
    }

    private mutating func assign(_ head: TaskHead, to spec: WorkerSpec, at now: WallTime) {
        running.begin(head, by: spec, at: now)
        spaces[spec.workspaceID]?.count(spec.queue) { $0.running += 1 }
        spaces[spec.workspaceID]?.workers[spec.id]?.held.insert(head.key)
        spaces[spec.workspaceID]?.workers[spec.id]?.heldByKind[head.kind, default: 0] += 1
    }

    // MARK: Queues

    /// A queue's limits; nil: it has none.
    mutating func limit(_ queue: String, workspaceID: String, _ row: QueueRow?, at now: WallTime) {
        change(workspaceID) { space in
            space.count(queue) { limits in
                limits.concurrency = row?.concurrency ?? 0
                let perMinute = row?.tasksPerMinute ?? 0
                if perMinute == 0 {
                    limits.allowance = nil
                } else if limits.allowance?.perMinute != Int64(perMinute) {
                    limits.allowance = TaskAllowance(perMinute: perMinute, at: now)
                }
            }
        }
    }

    /// The workspace is deleted, and the limits of its queues with it.
    mutating func unlimit(workspaceID: String) { change(workspaceID) { $0.unlimit() } }

    // MARK: Time

    /// Until when tasks from before the start are kept for the workers that had them.
    mutating func keepClaims(until instant: WallTime) { claimsUntil = instant }

    /// Tasks whose workers were not heard of in time, to be committed as lost.
    mutating func due(at now: WallTime) -> [TaskKey] {
        let keys = running.due(at: now, again: Self.lossRetry)
        if let later = laterAt, later <= now {
            laterAt = nil
            for workspaceID in spaces.keys { mark(workspaceID) }
        }
        return keys
    }

    /// The loss of a task is being committed.
    mutating func losing(_ key: TaskKey) { lost.insert(key) }

    // MARK: Handing out

    private mutating func change(_ workspaceID: String, _ change: (inout TaskSpace) -> Void) {
        change(&spaces[workspaceID, default: TaskSpace()])
        if spaces[workspaceID]?.isIdle ?? false {
            spaces[workspaceID] = nil
        } else {
            mark(workspaceID)
        }
    }

    private mutating func mark(_ workspaceID: String) { turns.join(workspaceID) }

    /// Hands out what can be, one task of each workspace in turn.
    mutating func dispatch(at now: WallTime) {
        while running.count < limits.runningMax, let workspaceID = turns.popFirst() {
            var later: WallTime?
            guard
                let (head, workerID) = spaces[workspaceID]?.next(
                    at: now, claimsUntil: claimsUntil, later: &later),
                let worker = spaces[workspaceID]?.workers[workerID], let session = worker.session
            else {
                if let later { laterAt = min(laterAt ?? later, later) }
                continue
            }
            assign(head, to: worker.spec, at: now)
            actions.append(.send(session, .task(head)))
            readMore(workspaceID)
            turns.join(workspaceID)
        }
    }

    // MARK: Looking in

    func workers(of workspaceID: String) -> [WorkerStanding] {
        (spaces[workspaceID]?.workers.values ?? [:].values).filter { $0.session != nil }
            .map {
                WorkerStanding(
                    spec: $0.spec, runningCount: $0.held.count, connectedAt: $0.connectedAt,
                    seenAt: $0.seenAt)
            }.sorted { $0.spec.id < $1.spec.id }
    }

    func queues(of workspaceID: String) -> [String: QueueStanding] {
        (spaces[workspaceID]?.queues ?? [:]).mapValues {
            QueueStanding(waiting: $0.waiting, running: $0.running)
        }
    }

    /// How the tasks of an execution stand, for people; nil where it has none in memory.
    func note(_ number: ExecutionNumber) -> String? {
        var isWaiting = false
        for key in byExecution[number] ?? [] {
            if let task = running[key] { return "the worker '\(task.workerID)' has it" }
            for space in spaces.values {
                guard let head = space.waiting[key] else { continue }
                let serves = space.workers.values.contains { worker in
                    worker.session != nil
                        && (head.queue.isEmpty || head.queue == worker.spec.queue)
                        && worker.kinds[head.kind] != nil
                }
                if !serves { return "no worker that serves it is connected" }
                isWaiting = true
            }
        }
        return isWaiting ? "the workers that serve it are busy" : nil
    }
}
