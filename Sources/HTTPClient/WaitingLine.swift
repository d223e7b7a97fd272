/// Requests that wait for their turn, first come first served.
struct WaitingLine {
    private var requests: [Submission?] = []
    /// Those before it have gone.
    private var first = 0
    private(set) var count = 0
    /// No request's deadline is earlier.
    private(set) var earliestDeadline: ContinuousClock.Instant?

    mutating func append(_ submission: Submission) {
        requests.append(submission)
        count += 1
        earliestDeadline = min(earliestDeadline ?? submission.deadline, submission.deadline)
    }

    mutating func popFirst() -> Submission? {
        while first < requests.count {
            let next = requests[first]
            requests[first] = nil
            first += 1
            guard let next else { continue }
            count -= 1
            if count == 0 {
                self = WaitingLine()
            } else if first > 64, first > requests.count / 2 {
                requests.removeFirst(first)
                first = 0
            }
            return next
        }
        return nil
    }

    mutating func remove(_ id: Int) -> Submission? {
        guard let index = requests.firstIndex(where: { $0?.id == id }) else { return nil }
        defer {
            requests[index] = nil
            count -= 1
            if count == 0 { self = WaitingLine() }
        }
        return requests[index]
    }

    /// Takes out those whose deadline has passed.
    mutating func removeExpired(_ now: ContinuousClock.Instant) -> [Submission] {
        guard let earliestDeadline, earliestDeadline <= now else { return [] }
        let all = requests.compactMap { $0 }
        self = WaitingLine()
        for submission in all where submission.deadline > now { append(submission) }
        return all.filter { $0.deadline <= now }
    }
}
