internal import Model

/// Which commits wait, which go together, and when the committing thread sleeps: the decisions of
/// the `Committer`, without its thread.
struct CommitQueue<Submission> {
    /// Commits that one transaction takes at most. The rest goes with the next, so that no commit
    /// waits for more than two groups.
    static var groupCommitsMax: Int { 1_024 }

    /// New work is refused while this many commits wait.
    let waitingMax: Int
    private(set) var waiting: [Submission] = []
    private var halfway: HalfwayMark
    private var threadSleeps = false
    private var isStopping = false

    init(waitingMax: Int) {
        self.waitingMax = waitingMax
        halfway = HalfwayMark(of: waitingMax)
    }

    enum OnSubmit: Equatable {
        /// `wake`: the thread sleeps and must be woken.
        case queued(wake: Bool)
        case overloaded
        case stopped
    }

    mutating func submitted(_ submission: Submission, isNew: Bool) -> OnSubmit {
        guard !isStopping else { return .stopped }
        guard !isNew || waiting.count < waitingMax else { return .overloaded }
        waiting.append(submission)
        halfway.moved(to: waiting.count)
        return .queued(wake: takeSleep())
    }

    /// Whether the queue has just become more than half full, which an operator should hear of.
    mutating func takeWarning() -> Bool { halfway.takeWarning() }

    enum OnReady {
        case write([Submission])
        case sleep
        case end
    }

    /// The thread has nothing in hand.
    mutating func threadReady() -> OnReady {
        guard !waiting.isEmpty else {
            if isStopping { return .end }
            threadSleeps = true
            return .sleep
        }
        if waiting.count <= Self.groupCommitsMax {
            var group: [Submission] = []
            group.reserveCapacity(waiting.count)
            swap(&group, &waiting)
            // Where it goes up to from here says how full it gets, not that it is empty for a moment.
            halfway.moved(to: group.count)
            return .write(group)
        }
        let group = Array(waiting.prefix(Self.groupCommitsMax))
        waiting.removeFirst(Self.groupCommitsMax)
        halfway.moved(to: waiting.count)
        return .write(group)
    }

    /// Nothing is accepted from now on; what waits is still written.
    /// - Returns: whether the thread sleeps and must be woken.
    mutating func stopped() -> Bool {
        isStopping = true
        return takeSleep()
    }

    private mutating func takeSleep() -> Bool {
        defer { threadSleeps = false }
        return threadSleeps
    }
}
