internal import Model

/// Who waits for executions to be final or suspended, and until when: a value of one shard. One timer serves
/// all: nearly every wait ends long before its deadline.
struct RestWaiters {
    private var waiters: [ExecutionNumber: [RestWaiter]] = [:]
    /// When the timer fires; nil: there is none.
    private var dueAt: ContinuousClock.Instant?

    /// - Returns: when a timer has to fire that does not yet.
    mutating func add(_ waiter: RestWaiter, to number: ExecutionNumber) -> ContinuousClock.Instant?
    {
        waiters[number, default: []].append(waiter)
        return due(at: waiter.deadline)
    }

    /// It waits no longer.
    mutating func remove(_ id: Int, from number: ExecutionNumber) {
        waiters[number]?.removeAll { $0.id == id }
        if waiters[number]?.isEmpty == true { waiters[number] = nil }
    }

    /// The execution rests: all that wait for it go on.
    mutating func resume(_ number: ExecutionNumber, _ rested: RestedExecution?) {
        for waiter in waiters.removeValue(forKey: number) ?? [] { waiter.resume(rested) }
    }

    /// The timer has fired: those whose time is over go on without.
    /// - Returns: when it has to fire next.
    mutating func endDue(at now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        // A timer that an earlier deadline has replaced comes for nothing.
        guard let dueAt, dueAt <= now else { return nil }
        self.dueAt = nil
        var next: ContinuousClock.Instant?
        for (number, waiting) in waiters {
            for waiter in waiting where waiter.deadline <= now { waiter.resume(nil) }
            let rest = waiting.filter { $0.deadline > now }
            waiters[number] = rest.isEmpty ? nil : rest
            for waiter in rest { next = min(next ?? waiter.deadline, waiter.deadline) }
        }
        return next.flatMap { due(at: $0) }
    }

    private mutating func due(at deadline: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        if let dueAt, dueAt <= deadline { return nil }
        dueAt = deadline
        return deadline
    }
}
