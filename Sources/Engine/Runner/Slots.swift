internal import Messages
internal import Model

/// Who may run: the running caps of the server and of each workspace, and the queue before them.
/// A value; the engine keeps it under a lock.
struct Slots {
    private struct Queued: Comparable {
        let priority: Int32
        let number: ExecutionNumber

        /// Whether it goes first: the higher priority, then the older.
        static func < (left: Self, right: Self) -> Bool {
            if left.priority != right.priority { return left.priority > right.priority }
            return left.number < right.number
        }
    }

    private struct Workspace {
        var running = 0
        var queue = Heap<Queued>()
    }

    private let runningMax: Int
    private let runningPerWorkspaceMax: Int
    private let queuedMax: Int
    private var workspaces: [String: Workspace] = [:]
    private(set) var running = 0
    private(set) var queued = 0

    init(limits: Limits, queuedMax: Int) {
        runningMax = limits.runningMax
        runningPerWorkspaceMax = limits.runningPerWorkspaceMax
        self.queuedMax = queuedMax
    }

    typealias Admitted = (number: ExecutionNumber, workspace: String)

    enum OnArrival: Equatable { case run, queue, refuse }

    /// A new execution of `workspace`: takes a slot if one is free and nobody waits before it.
    mutating func arrived(_ workspace: String) -> OnArrival {
        let state = workspaces[workspace] ?? Workspace()
        if running < runningMax, state.running < runningPerWorkspaceMax, state.queue.isEmpty {
            take(workspace)
            return .run
        }
        return queued < queuedMax ? .queue : .refuse
    }

    /// A slot for one that goes on after a wait, which never queues again.
    mutating func take(_ workspace: String) {
        running += 1
        workspaces[workspace, default: Workspace()].running += 1
    }

    /// - Returns: those that may start now; each has its slot.
    mutating func release(_ workspace: String) -> [Admitted] {
        running -= 1
        workspaces[workspace]?.running -= 1
        return admit(workspace)
    }

    /// - Returns: those that may start now; each has its slot.
    mutating func enqueue(_ number: ExecutionNumber, priority: Int32, workspace: String)
        -> [Admitted]
    {
        queued += 1
        workspaces[workspace, default: Workspace()].queue.push(
            Queued(priority: priority, number: number))
        return admit(workspace)
    }

    private mutating func admit(_ last: String) -> [Admitted] {
        var admitted: [Admitted] = []
        while queued > 0, running < runningMax, let (workspace, first) = next() {
            workspaces[workspace]?.queue.pop()
            queued -= 1
            take(workspace)
            admitted.append((first, workspace))
        }
        if let state = workspaces[last], state.running == 0, state.queue.isEmpty {
            workspaces[last] = nil
        }
        return admitted
    }

    private func next() -> (workspace: String, number: ExecutionNumber)? {
        var best: (workspace: String, queued: Queued)?
        for (name, state) in workspaces where state.running < runningPerWorkspaceMax {
            guard let first = state.queue.first else { continue }
            if best.map({ first < $0.queued }) ?? true { best = (name, first) }
        }
        return best.map { ($0.workspace, $0.queued.number) }
    }
}
