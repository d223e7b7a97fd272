internal import Model
internal import Store

/// The workers, queues and waiting tasks of one workspace: a value, part of a `TaskBoard`.
struct TaskSpace {
    /// Tasks that the same workers can take.
    struct Lane: Hashable {
        let kind: String
        /// Empty: any.
        let queue: String
    }

    /// A task's place among those that wait: the highest priority first, then the oldest.
    struct Place: Comparable {
        let priority: Int32
        let createdAt: WallTime
        let key: TaskKey

        init(_ head: TaskHead) {
            priority = head.priority
            createdAt = head.createdAt
            key = head.key
        }

        static func < (left: Self, right: Self) -> Bool {
            if left.priority != right.priority { return left.priority > right.priority }
            if left.createdAt != right.createdAt { return left.createdAt < right.createdAt }
            if left.key.number != right.key.number { return left.key.number < right.key.number }
            return left.key.nodePath < right.key.nodePath
        }
    }

    /// A worker: connected, or expected back because it still holds tasks.
    struct Worker {
        let spec: WorkerSpec
        /// How many tasks of each kind it serves it takes at once; 0: as many as of all.
        let kinds: [String: Int]
        /// nil: its stream has ended.
        var session: WorkSession?
        let connectedAt: WallTime
        var seenAt: WallTime
        var held: Set<TaskKey> = []
        var heldByKind: [String: Int] = [:]

        init(_ spec: WorkerSpec, session: WorkSession, at now: WallTime) {
            self.spec = spec
            kinds = Dictionary(spec.kinds.map { ($0.name, $0.concurrency) }) { first, _ in first }
            self.session = session
            connectedAt = now
            seenAt = now
        }

        var hasRoom: Bool { session != nil && held.count < spec.concurrency }

        /// Whether it serves the kind and may take one more task of it.
        func hasRoom(for kind: String) -> Bool {
            guard let limit = kinds[kind] else { return false }
            return limit == 0 || heldByKind[kind, default: 0] < limit
        }

        func takes(_ lane: Lane) -> Bool {
            (lane.queue.isEmpty || lane.queue == spec.queue) && hasRoom(for: lane.kind)
        }
    }

    /// A queue's limits, and how much of them is used.
    struct Queue {
        var concurrency: Int32 = 0
        var allowance: TaskAllowance?
        var running = 0
        var waiting = 0

        var isIdle: Bool {
            concurrency == 0 && allowance == nil && running == 0 && waiting == 0
        }
    }

    /// Tasks that are not in memory because too many wait.
    enum Overflow { case nothing, some, reading, readingAndMissed }

    var workers: [String: Worker] = [:]
    /// The workers.
    private var turns = Turns<String>()
    private var lanes: [Lane: Heap<Place>] = [:]
    /// Places in all lanes, also of tasks that wait no longer.
    private(set) var placeCount = 0
    private(set) var waiting: [TaskKey: TaskHead] = [:]
    var queues: [String: Queue] = [:]
    var overflow = Overflow.nothing
    /// Tasks from before the server was started, which their workers may still claim.
    var unclaimed: Set<TaskKey> = []

    var isIdle: Bool {
        workers.isEmpty && waiting.isEmpty && overflow == .nothing
            && queues.values.allSatisfy(\.isIdle)
    }

    // MARK: Waiting

    mutating func add(_ head: TaskHead) {
        guard waiting.updateValue(head, forKey: head.key) == nil else { return }
        queues[head.queue, default: Queue()].waiting += 1
        queue(head)
    }

    private mutating func queue(_ head: TaskHead) {
        lanes[Lane(kind: head.kind, queue: head.queue), default: Heap()].push(Place(head))
        placeCount += 1
    }

    /// Takes a task from those that wait; its place in its lane is skipped when it comes up.
    mutating func remove(_ key: TaskKey) -> TaskHead? {
        guard let head = waiting.removeValue(forKey: key) else { return nil }
        unclaimed.remove(key)
        count(head.queue) { $0.waiting -= 1 }
        sweep()
        return head
    }

    /// Drops the places of tasks that wait no longer, where those have become the most: no worker may
    /// be there that would come upon them.
    private mutating func sweep() {
        guard placeCount > 2 * waiting.count + TaskBoard.sweepMin else { return }
        lanes = [:]
        placeCount = 0
        for head in waiting.values { queue(head) }
    }

    mutating func count(_ queue: String, _ change: (inout Queue) -> Void) {
        change(&queues[queue, default: Queue()])
        if queues[queue]?.isIdle ?? false { queues[queue] = nil }
    }

    // MARK: Handing out

    mutating func connected(_ worker: Worker) {
        workers[worker.spec.id] = worker
        turns.join(worker.spec.id)
    }

    mutating func removeWorker(_ id: String) {
        workers[id] = nil
        turns.leave(id)
    }

    /// The next task to hand out, taken from those that wait, and to whom.
    /// - Parameters:
    ///   - claimsUntil: until when `unclaimed` tasks are kept for who had them.
    ///   - later: when to try again, where only time is in the way.
    mutating func next(
        at now: WallTime, claimsUntil: WallTime, later: inout WallTime?
    ) -> (head: TaskHead, workerID: String)? {
        if waiting.isEmpty { return nil }
        for id in turns {
            guard let worker = workers[id], worker.hasRoom else { continue }
            let queue = worker.spec.queue
            guard mayRun(in: queue, at: now, later: &later),
                let key = best(for: worker, at: now, claimsUntil: claimsUntil, later: &later),
                let head = remove(key)
            else { continue }
            queues[queue]?.allowance?.take()
            turns.served(id)
            return (head, id)
        }
        return nil
    }

    private mutating func mayRun(
        in queue: String, at now: WallTime, later: inout WallTime?
    ) -> Bool {
        guard var limits = queues[queue] else { return true }
        if limits.concurrency > 0, limits.running >= Int(limits.concurrency) { return false }
        guard let readyAt = limits.allowance?.readyAt(now) else {
            queues[queue] = limits
            return true
        }
        queues[queue] = limits
        later = min(later ?? readyAt, readyAt)
        return false
    }

    private mutating func best(
        for worker: Worker, at now: WallTime, claimsUntil: WallTime, later: inout WallTime?
    ) -> TaskKey? {
        var best: Place?
        for lane in lanes(of: worker) where worker.takes(lane) {
            guard let place = first(lane) else { continue }
            if now < claimsUntil, unclaimed.contains(place.key) {
                later = min(later ?? claimsUntil, claimsUntil)
            } else if best.map({ place < $0 }) ?? true {
                best = place
            }
        }
        return best?.key
    }

    /// The lanes among which are all that the worker serves: whichever are fewer, so that neither many
    /// kinds nor many lanes make many workers dear.
    private func lanes(of worker: Worker) -> [Lane] {
        guard lanes.count > 2 * worker.kinds.count else { return Array(lanes.keys) }
        return worker.kinds.keys.flatMap { kind in
            [Lane(kind: kind, queue: ""), Lane(kind: kind, queue: worker.spec.queue)]
        }
    }

    /// The queues have no limits any more.
    mutating func unlimit() {
        for name in Array(queues.keys) {
            count(name) { queue in
                queue.concurrency = 0
                queue.allowance = nil
            }
        }
    }

    /// The first of a lane that still waits.
    private mutating func first(_ lane: Lane) -> Place? {
        while let place = lanes[lane]?.first {
            if waiting[place.key] != nil { return place }
            lanes[lane]?.pop()
            placeCount -= 1
        }
        lanes[lane] = nil
        return nil
    }
}
