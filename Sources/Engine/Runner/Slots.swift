internal import Messages
internal import Model

/// Who may run: the running caps of the server and of each workspace, and the queue before them. A
/// value; the engine keeps it under a lock.
///
///     enqueue ─▶ place in each of its groups, one after the other ─▶ queue of its workspace ─▶ slot
///
/// Within a workspace the higher priority goes first, then the older; workspaces take turns.
/// A place is held until the end, a slot only while something is active.
struct Slots {
    private struct Queued: Comparable {
        let priority: Int32
        let number: ExecutionNumber
        let workspace: String
        /// Those it needs a place in yet.
        var groups: ArraySlice<ConcurrencyGroup> = []

        /// Whether it goes first: the higher priority, then the older.
        static func < (left: Self, right: Self) -> Bool {
            if left.priority != right.priority { return left.priority > right.priority }
            return left.number < right.number
        }

        static func == (left: Self, right: Self) -> Bool { left.number == right.number }
    }

    private struct Workspace {
        var running = 0
        var queue = Heap<Queued>()
    }

    private struct Group {
        var places: Int
        var holders: Set<ExecutionNumber> = []
        var isClosed = false
        var queue = Heap<Queued>()
    }

    private let runningMax: Int
    private let runningPerWorkspaceMax: Int
    private let queuedMax: Int
    /// Whether the queue is more than half full.
    private var halfway: HalfwayMark
    private var workspaces: [String: Workspace] = [:]
    /// The workspaces in which something waits for a slot.
    private var turns = Turns<String>()
    private var groups: [String: Group] = [:]
    /// The groups in which an execution holds a place.
    private var places: [ExecutionNumber: [String]] = [:]
    /// Whether nothing that is queued may start yet.
    var isHeld = false
    private(set) var running = 0
    /// In all queues, also those of groups.
    private(set) var queued = 0

    init(limits: Limits) {
        runningMax = limits.runningMax
        runningPerWorkspaceMax = limits.runningPerWorkspaceMax
        queuedMax = limits.queuedMax
        halfway = HalfwayMark(of: limits.queuedMax)
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
        return hasRoom(for: 1) ? .queue : .refuse
    }

    /// Whether so many more may be queued.
    func hasRoom(for count: Int) -> Bool { queued + count <= queuedMax }

    /// Whether the queue has just become more than half full, which an operator should hear of.
    mutating func takeWarning() -> Bool { halfway.takeWarning() }

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
    mutating func enqueue(
        _ number: ExecutionNumber, priority: Int32, workspace: String,
        groups: [ConcurrencyGroup] = []
    ) -> [Admitted] {
        queued += 1
        proceed(
            Queued(priority: priority, number: number, workspace: workspace, groups: groups[...]))
        return admit(workspace)
    }

    // MARK: Groups

    /// Goes on to the first group that has no place for it, or to the queue of its workspace.
    private mutating func proceed(_ queued: Queued) {
        var queued = queued
        while let group = queued.groups.first {
            var state = groups[group.name] ?? Group(places: Int(group.limit))
            state.places = Int(group.limit)
            guard !state.isClosed else {
                self.queued -= 1
                return
            }
            guard state.holders.count < state.places else {
                state.queue.push(queued)
                groups[group.name] = state
                return
            }
            groups[group.name] = state
            hold(queued.number, group)
            queued.groups.removeFirst()
        }
        workspaces[queued.workspace, default: Workspace()].queue.push(queued)
        turns.join(queued.workspace)
    }

    /// A place for one that has started before.
    mutating func hold(_ number: ExecutionNumber, _ group: ConcurrencyGroup) {
        groups[group.name, default: Group(places: Int(group.limit))].holders.insert(number)
        places[number, default: []].append(group.name)
    }

    /// An execution has ended: it gives its places back. Does nothing for one that holds none.
    /// - Returns: those that may start now; each has its slot.
    mutating func leave(_ number: ExecutionNumber) -> [Admitted] {
        guard let names = places.removeValue(forKey: number) else { return [] }
        var freed: Set<String> = []
        for name in names {
            groups[name]?.holders.remove(number)
            for queued in nextOf(name) {
                freed.insert(queued.workspace)
                proceed(queued)
            }
        }
        return freed.flatMap { admit($0) }
    }

    /// Those for whom a group has a place now, which they hold.
    private mutating func nextOf(_ name: String) -> [Queued] {
        guard var group = groups[name] else { return [] }
        var next: [Queued] = []
        while !group.isClosed, group.holders.count < group.places, var first = group.queue.first {
            group.queue.pop()
            first.groups.removeFirst()
            group.holders.insert(first.number)
            next.append(first)
        }
        groups[name] = group.holders.isEmpty && group.queue.isEmpty ? nil : group
        for queued in next { places[queued.number, default: []].append(name) }
        return next
    }

    /// Nobody gets a place in the group any more: all that wait for one are about to be ended, and
    /// count as queued no longer.
    mutating func close(_ name: String) {
        var group = groups[name] ?? Group(places: 0)
        queued -= group.queue.count
        group.queue = Heap()
        group.isClosed = true
        groups[name] = group
    }

    /// Those that hold a place in a group or wait for one; those that have ended and were not looked at
    /// since may be among them.
    func members(of group: ConcurrencyGroup) -> Set<ExecutionNumber> {
        guard let state = groups[group.name] else { return [] }
        return state.holders.union(state.queue.all.map(\.number))
    }

    /// Nobody will ask for the group again.
    mutating func forget(_ name: String) {
        if let group = groups[name], group.holders.isEmpty, group.queue.isEmpty {
            groups[name] = nil
        }
    }

    // MARK: Slots

    /// What is queued may start.
    /// - Returns: those that may start now; each has its slot.
    mutating func letGo() -> [Admitted] {
        isHeld = false
        return admit()
    }

    private mutating func admit() -> [Admitted] {
        defer { halfway.moved(to: queued) }
        var admitted: [Admitted] = []
        while !isHeld, running < runningMax, let next = next() { admitted.append(next) }
        return admitted
    }

    private mutating func admit(_ last: String) -> [Admitted] {
        let admitted = admit()
        if let state = workspaces[last], state.running == 0, state.queue.isEmpty {
            workspaces[last] = nil
        }
        return admitted
    }

    /// The next one to run, which takes its slot, of the workspace whose turn it is.
    private mutating func next() -> Admitted? {
        for workspace in turns {
            guard let (number, isLast) = waiting(in: workspace) else { continue }
            if isLast {
                turns.leave(workspace)
            } else {
                turns.served(workspace)
            }
            workspaces[workspace]?.queue.pop()
            queued -= 1
            take(workspace)
            return (number, workspace)
        }
        return nil
    }

    /// Who is the next of a workspace, and whether nobody comes after; nil where none may run.
    private func waiting(in workspace: String) -> (number: ExecutionNumber, isLast: Bool)? {
        guard let state = workspaces[workspace], state.running < runningPerWorkspaceMax,
            let first = state.queue.first
        else { return nil }
        return (first.number, state.queue.count == 1)
    }
}
