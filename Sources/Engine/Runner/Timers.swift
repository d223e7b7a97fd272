internal import Model

/// When which execution must be looked at: a heap of those soon due, fed by commits and by the
/// store's wake-up index, which holds all. A value; the engine keeps it under a lock.
struct Timers {
    struct Entry: Comparable, Equatable {
        let wakeAt: WallTime
        let number: ExecutionNumber

        static func < (left: Self, right: Self) -> Bool {
            (left.wakeAt, left.number) < (right.wakeAt, right.number)
        }
    }

    private var heap = Heap<Entry>()
    /// Everything in the store that is due before this is in the heap.
    private(set) var horizon = WallTime(microseconds: .min)

    var count: Int { heap.count }

    /// Notes a wake-up that was committed; later ones are found in the store when their time comes.
    /// - Returns: whether it is the soonest now, so that the sleeper must be woken.
    mutating func schedule(_ number: ExecutionNumber, at wakeAt: WallTime) -> Bool {
        guard wakeAt <= horizon else { return false }
        let isSoonest = heap.first.map { wakeAt < $0.wakeAt } ?? true
        heap.push(Entry(wakeAt: wakeAt, number: number))
        return isSoonest
    }

    /// Takes what the store found before `horizon`.
    mutating func found(_ entries: [Entry], horizon: WallTime) {
        for entry in entries { heap.push(entry) }
        self.horizon = horizon
    }

    /// Removes those that are due.
    mutating func due(at time: WallTime) -> [ExecutionNumber] {
        var numbers: [ExecutionNumber] = []
        while let first = heap.first, first.wakeAt <= time {
            heap.pop()
            if numbers.last != first.number { numbers.append(first.number) }
        }
        return numbers
    }

    /// When to look again.
    func next(poll: WallTime) -> WallTime { min(heap.first?.wakeAt ?? poll, poll) }
}
