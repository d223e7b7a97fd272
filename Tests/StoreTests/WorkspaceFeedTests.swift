import Model
import Testing

@testable import Store

@Suite("Workspace feed") struct WorkspaceFeedTests {
    private func row(_ number: Int64, _ first: Int64, _ count: Int32 = 1, ends: Bool = false)
        -> JournalRow
    {
        JournalRow(
            number: ExecutionNumber(rawValue: number), firstSequence: first, eventCount: count,
            batch: [], endsExecution: ends)
    }

    private let one = ExecutionNumber(rawValue: 1)
    private let two = ExecutionNumber(rawValue: 2)

    private func listener(_ max: Int = 10) -> WorkspaceFeed.Listener {
        WorkspaceFeed.Listener(workspaceID: "w", executionsMax: max)
    }

    @Test func `an execution with news has its turn once, however much there is`() {
        var listener = listener()
        listener.published(row(1, 1, 3))
        listener.published(row(2, 1))
        listener.published(row(1, 4))
        let first = listener.next()
        #expect(first?.number == one)
        #expect(first?.position == 0)
        listener.read(one, to: 4, isEnd: false)
        #expect(listener.next()?.number == two)
        #expect(listener.next() == nil)
    }

    @Test func `what came while it was read is told after it, and nothing twice`() {
        var listener = listener()
        listener.published(row(1, 1))
        _ = listener.next()
        listener.published(row(1, 2))
        // The reading saw the first row only.
        listener.read(one, to: 1, isEnd: false)
        let again = listener.next()
        #expect(again?.position == 1)
        // Now it saw a third that is announced later.
        listener.read(one, to: 3, isEnd: false)
        #expect(listener.next() == nil)
        listener.published(row(1, 3))
        #expect(listener.next() == nil)
        listener.published(row(1, 4))
        #expect(listener.next()?.position == 3)
    }

    @Test func `a listener that falls too far behind is told, and grows no further`() {
        var listener = listener(2)
        for number in 1...5 { listener.published(row(Int64(number), 1)) }
        #expect(listener.hasFallenBehind)
        #expect(listener.hasNews)
    }

    @Test func `an execution that is forgotten has no turn`() {
        var listener = listener()
        listener.published(row(1, 1))
        listener.forget(one)
        #expect(listener.next() == nil)
    }
}
