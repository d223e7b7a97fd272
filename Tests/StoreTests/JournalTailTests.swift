import Model
import StoreConformance
import Testing

@testable import Store

@Suite("Journal tail")
struct JournalTailTests {
    private func row(_ sequence: Int64, count: Int32 = 1, bytes: Int = 36) -> JournalRow {
        Samples.journal(1, from: sequence, count: count, bytes: bytes)
    }

    @Test("a new watcher reads the store first")
    func readsStoreFirst() {
        let tail = JournalTail(bytesMax: 1_000)
        #expect(tail.next(after: 0, hasReadStore: false) == .readStore)
        #expect(tail.next(after: 0, hasReadStore: true) == .wait)
    }

    @Test("a committed row is delivered from the tail, then it waits")
    func follows() {
        var tail = JournalTail(bytesMax: 1_000)
        tail.published(row(5, count: 2))
        #expect(tail.next(after: 4, hasReadStore: true) == .row(row(5, count: 2)))
        #expect(tail.next(after: 5, hasReadStore: true) == .row(row(5, count: 2)))
        #expect(tail.next(after: 6, hasReadStore: true) == .wait)
    }

    @Test("a watcher at the tail's end that never read the store reads it once")
    func atTheEnd() {
        var tail = JournalTail(bytesMax: 1_000)
        tail.published(row(5))
        #expect(tail.next(after: 5, hasReadStore: false) == .readStore)
    }

    @Test("a watcher behind the tail reads the store")
    func behind() {
        var tail = JournalTail(bytesMax: 1_000)
        tail.published(row(5))
        #expect(tail.next(after: 3, hasReadStore: true) == .readStore)
    }

    @Test("the tail is bounded in bytes and keeps the newest")
    func bounded() {
        var tail = JournalTail(bytesMax: 300)
        for sequence in 1...10 { tail.published(row(Int64(sequence))) }
        #expect(tail.rows.map(\.firstSequence) == [8, 9, 10])
        #expect(tail.bytes == 300)
        #expect(tail.next(after: 6, hasReadStore: true) == .readStore)
        for sequence in 8...10 {
            let next = tail.next(after: Int64(sequence) - 1, hasReadStore: true)
            #expect(next == .row(row(Int64(sequence))))
        }
    }

    @Test("a row larger than the tail is read from the store")
    func tooLarge() {
        var tail = JournalTail(bytesMax: 300)
        tail.published(row(1))
        tail.published(row(2, bytes: 1_000))
        #expect(tail.rows.isEmpty)
        #expect(tail.bytes == 0)
        #expect(tail.next(after: 1, hasReadStore: true) == .readStore)
        #expect(tail.next(after: 2, hasReadStore: true) == .wait)
        tail.published(row(3))
        #expect(tail.next(after: 2, hasReadStore: true) == .row(row(3)))
    }
}
