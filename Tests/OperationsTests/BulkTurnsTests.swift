import Testing

@testable import Operations

/// Which bulk operation takes its next step.
struct BulkTurnsTests {
    @Test func `workspaces take turns, however many operations each has`() {
        var turns = BulkTurns(stepsMax: 1)
        for number in 1...4 as ClosedRange<Int64> { turns.found(number, workspaceID: "a") }
        turns.found(5, workspaceID: "b")
        turns.found(5, workspaceID: "b")
        var order: [Int64] = []
        while order.count < 8, let number = turns.next().first {
            order.append(number)
            turns.paused(number)
            turns.due(number)
        }
        #expect(order == [1, 5, 2, 5, 3, 5, 4, 5])
    }

    @Test func `so many steps are under way at once, and one that pauses holds no place`() {
        var turns = BulkTurns(stepsMax: 2)
        for number in 1...3 as ClosedRange<Int64> { turns.found(number, workspaceID: "a") }
        let first = turns.next()
        let none = turns.next()
        #expect(first == [1, 2] && none == [])
        turns.paused(1)
        let third = turns.next()
        #expect(third == [3])
        turns.ended(2)
        turns.due(2)
        turns.due(1)
        let again = turns.next()
        #expect(again == [1])
        let nobody = turns.next()
        #expect(nobody == [])
    }
}
