/// Requests that wait for their turn: first come, first served within a host, while hosts take turns and
/// none has more under way than it may. So a host that does not answer holds up nobody else's requests.
struct WaitingLine {
    private struct Host {
        var requests = Line<Submission>()
        /// Of its requests, how many were taken from here and have not ended.
        var active = 0
        /// Whether it stands in `turns`.
        var isInLine = false
    }

    private let perHostMax: Int
    private var hosts: [String: Host] = [:]
    /// Hosts that have something to send and may.
    private var turns = Line<String>()
    private(set) var count = 0
    /// No request's deadline is earlier.
    private(set) var earliestDeadline: ContinuousClock.Instant?

    /// - Parameter perHostMax: requests of one host that are under way at once.
    init(perHostMax: Int) { self.perHostMax = perHostMax }

    /// How many wait for their turn at `host`.
    func count(of host: String) -> Int { hosts[host]?.requests.count ?? 0 }

    mutating func append(_ submission: Submission) {
        hosts[submission.host, default: Host()].requests.append(submission)
        count += 1
        earliestDeadline = min(earliestDeadline ?? submission.deadline, submission.deadline)
        joinLine(submission.host)
    }

    /// The next request that may be sent, which counts as under way until `ended`.
    mutating func popFirst() -> Submission? {
        while let name = turns.popFirst() {
            hosts[name]?.isInLine = false
            guard let next = hosts[name]?.requests.popFirst() else {
                joinLine(name)
                continue
            }
            hosts[name]?.active += 1
            count -= 1
            joinLine(name)
            forgetDeadlines()
            return next
        }
        return nil
    }

    /// A request that was taken from here is under way no more.
    mutating func ended(_ submission: Submission) {
        hosts[submission.host]?.active -= 1
        joinLine(submission.host)
    }

    mutating func remove(_ id: Int, of host: String) -> Submission? {
        take(from: host) { $0.id == id }.first
    }

    /// Takes out those whose deadline has passed.
    mutating func removeExpired(_ now: ContinuousClock.Instant) -> [Submission] {
        guard let earliestDeadline, earliestDeadline <= now else { return [] }
        return removeAll { $0.deadline <= now }
    }

    /// Takes out those that `isWanted` picks.
    mutating func removeAll(_ isWanted: (Submission) -> Bool) -> [Submission] {
        earliestDeadline = nil
        var next: ContinuousClock.Instant?
        let removed = Array(hosts.keys).flatMap { name in
            take(from: name) { submission in
                if isWanted(submission) { return true }
                next = min(next ?? submission.deadline, submission.deadline)
                return false
            }
        }
        earliestDeadline = next
        return removed
    }

    private mutating func take(from name: String, _ isWanted: (Submission) -> Bool) -> [Submission]
    {
        guard let removed = hosts[name]?.requests.remove(isWanted) else { return [] }
        count -= removed.count
        joinLine(name)
        forgetDeadlines()
        return removed
    }

    /// Gives a host its turn, if it has something to send and may; forgets one with nothing left.
    private mutating func joinLine(_ name: String) {
        guard let host = hosts[name] else { return }
        if host.requests.count == 0 {
            if host.active == 0, !host.isInLine { hosts[name] = nil }
        } else if !host.isInLine, host.active < perHostMax {
            hosts[name]?.isInLine = true
            turns.append(name)
        }
    }

    private mutating func forgetDeadlines() {
        if count == 0 { earliestDeadline = nil }
    }
}
