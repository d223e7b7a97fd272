import Messages
import Model
import Testing

@testable import Engine

/// Who may run, and who waits for whom.
struct SlotsTests {
    private var slots = Slots(limits: Limits())

    private func number(_ value: Int64) -> ExecutionNumber { ExecutionNumber(rawValue: value) }

    private mutating func enqueue(_ value: Int64, priority: Int32 = 0, _ groups: (String, Int32)...)
        -> [Int64]
    {
        slots.enqueue(
            number(value), priority: priority, workspace: "w",
            groups: groups.map { ConcurrencyGroup(name: $0.0, limit: $0.1) }
        ).map(\.number.rawValue)
    }

    private mutating func leave(_ value: Int64) -> [Int64] {
        slots.leave(number(value)).map(\.number.rawValue)
    }

    @Test mutating func `a group lets so many run, the others when places are given back`() {
        #expect(enqueue(1, ("g", 2)) == [1])
        #expect(enqueue(2, ("g", 2)) == [2])
        #expect(enqueue(3, ("g", 2)) == [])
        #expect(enqueue(4, priority: 5, ("g", 2)) == [])
        #expect(enqueue(5) == [5])
        #expect(slots.queued == 2)
        #expect(leave(1) == [4])
        #expect(leave(1) == [])
        #expect(leave(2) == [3])
        #expect(slots.queued == 0)
    }

    @Test mutating func `one needs a place in each of its groups`() {
        #expect(enqueue(1, ("b", 2), ("k", 1)) == [1])
        #expect(enqueue(2, ("b", 2), ("k", 1)) == [])
        #expect(enqueue(3, ("b", 2)) == [])
        #expect(leave(1) == [2, 3])
        #expect(leave(2) == [])
        #expect(enqueue(4, ("k", 1)) == [4])
    }

    @Test mutating func `places held before a restart count`() {
        slots.hold(number(1), ConcurrencyGroup(name: "g", limit: 1))
        #expect(enqueue(2, ("g", 1)) == [])
        #expect(leave(1) == [2])
    }

    @Test
    mutating func `nobody gets a place in a closed group, and who waits for one is forgotten`() {
        #expect(enqueue(1, ("g", 1)) == [1])
        #expect(enqueue(2, ("g", 1)) == [])
        slots.close("g")
        #expect(slots.queued == 0)
        #expect(leave(1) == [])
        #expect(enqueue(3, ("g", 1)) == [3])
    }

    @Test mutating func `a workspace's maximum holds for those with a place too`() {
        var limits = Limits()
        limits.runningPerWorkspaceMax = 1
        slots = Slots(limits: limits)
        #expect(enqueue(1, ("g", 5)) == [1])
        #expect(enqueue(2, ("g", 5)) == [])
        #expect(slots.release("w").map(\.number.rawValue) == [2])
    }

    @Test mutating func `a queue that is more than half full is news once`() {
        var limits = Limits()
        limits.runningMax = 1
        limits.queuedMax = 4
        slots = Slots(limits: limits)
        slots.take("w")
        let warnings = (1...4 as ClosedRange<Int64>).map { value in
            _ = enqueue(value)
            return slots.takeWarning()
        }
        #expect(warnings == [false, false, true, false])
    }

    @Test mutating func `workspaces take turns, whatever each has queued and how urgent it is`() {
        var limits = Limits()
        limits.runningMax = 1
        slots = Slots(limits: limits)
        #expect(slots.arrived("a") == .run)
        for value in 1...100 as ClosedRange<Int64> {
            _ = slots.enqueue(number(value), priority: 100, workspace: "a")
        }
        _ = slots.enqueue(number(101), priority: -100, workspace: "b")
        _ = slots.enqueue(number(102), priority: 0, workspace: "b")
        var order: [Int64] = []
        var running = "a"
        while let next = slots.release(running).first {
            order.append(next.number.rawValue)
            running = next.workspace
        }
        #expect(order.prefix(5) == [1, 102, 2, 101, 3])
        #expect(order.count == 102)
        #expect(slots.running == 0 && slots.queued == 0)
    }
}
