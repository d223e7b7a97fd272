internal import Model
internal import Store

/// The tasks that workers have, and until when each worker must be heard of: a value, part of a `TaskBoard`.
struct RunningTasks {
    struct Running {
        let head: TaskHead
        let workerID: String
        /// Whose limits it uses.
        let queue: String
        /// When its worker must have been heard of.
        var deadline: WallTime
        /// Who has sent its result, which is being committed.
        var endedBy: String?
        /// Its worker's stream has taken it.
        var isSent = false
        var progressCount = 0
        var progressAt: WallTime?
    }

    private struct Deadline: Comparable {
        let at: WallTime
        let key: TaskKey

        static func < (left: Self, right: Self) -> Bool { left.at < right.at }
    }

    private var tasks: [TaskKey: Running] = [:]
    /// One at least for each task; others are skipped when they come up.
    private var deadlines = Heap<Deadline>()

    var count: Int { tasks.count }
    /// With those of tasks that have ended.
    var deadlineCount: Int { deadlines.count }
    /// When to look at it next although nothing happens.
    var nextDeadline: WallTime? { deadlines.first?.at }

    subscript(key: TaskKey) -> Running? { tasks[key] }

    /// A worker has it from now on.
    mutating func begin(_ head: TaskHead, by spec: WorkerSpec, at now: WallTime) {
        let deadline = now.advanced(by: head.heartbeatTimeout)
        tasks[head.key] = Running(
            head: head, workerID: spec.id, queue: spec.queue, deadline: deadline)
        deadlines.push(Deadline(at: deadline, key: head.key))
        sweep()
    }

    mutating func end(_ key: TaskKey) -> Running? { tasks.removeValue(forKey: key) }

    mutating func change(_ key: TaskKey, _ change: (inout Running) -> Void) {
        guard let index = tasks.index(forKey: key) else { return }
        change(&tasks.values[index])
    }

    /// Its worker was heard of.
    mutating func renew(_ key: TaskKey, at now: WallTime) {
        change(key) { $0.deadline = now.advanced(by: $0.head.heartbeatTimeout) }
    }

    /// Its worker must be heard of by then, if that is sooner than before.
    mutating func expect(_ key: TaskKey, by instant: WallTime) {
        guard let deadline = tasks[key]?.deadline, instant < deadline else { return }
        change(key) { $0.deadline = instant }
        deadlines.push(Deadline(at: instant, key: key))
    }

    /// Whether a report of progress may be taken now; counts it.
    /// - Returns: when to try again; nil: it may.
    mutating func progressed(_ key: TaskKey, at now: WallTime, _ limits: WorkerLimits) -> Duration?
    {
        // Nobody holds it: what it is at work on its worker is to say first.
        guard var task = tasks[key] else { return limits.progressInterval }
        guard task.progressCount < limits.progressCountMax else {
            return limits.heartbeatTimeoutMax
        }
        if let last = task.progressAt {
            let pause = limits.progressInterval - last.duration(to: now)
            if pause > .zero { return pause }
        }
        task.progressCount += 1
        task.progressAt = now
        task.deadline = now.advanced(by: task.head.heartbeatTimeout)
        tasks[key] = task
        return nil
    }

    /// Those whose workers were not heard of in time; each comes again after `again`, unless it has ended.
    mutating func due(at now: WallTime, again: Duration) -> [TaskKey] {
        var keys: [TaskKey] = []
        while let first = deadlines.first, first.at <= now {
            deadlines.pop()
            guard let task = tasks[first.key] else { continue }
            guard task.deadline <= now else {
                // It was renewed, or there is a sooner entry, which took its place.
                if task.deadline > first.at {
                    deadlines.push(Deadline(at: task.deadline, key: first.key))
                }
                continue
            }
            let next = now.advanced(by: again)
            change(first.key) { $0.deadline = next }
            deadlines.push(Deadline(at: next, key: first.key))
            keys.append(first.key)
        }
        return keys
    }

    /// Drops the deadlines of tasks that have ended, where those have become the most: a task with a
    /// long time-out would keep its place long after its end.
    private mutating func sweep() {
        guard deadlines.count > 2 * tasks.count + TaskBoard.sweepMin else { return }
        var swept = Heap<Deadline>()
        for (key, task) in tasks { swept.push(Deadline(at: task.deadline, key: key)) }
        deadlines = swept
    }
}
