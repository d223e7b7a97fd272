import Testing

@testable import Store

@Suite("Commit queue")
struct CommitQueueTests {
    @Test("all that waits goes together, in order")
    func groups() {
        var queue = CommitQueue<Int>(waitingMax: 10)
        for number in 1...3 { _ = queue.submitted(number, isNew: true) }
        guard case .write(let group) = queue.threadReady() else { return #expect(Bool(false)) }
        #expect(group == [1, 2, 3])
        #expect(queue.waiting.isEmpty)
    }

    @Test("new work is refused at the limit, accepted work never")
    func overload() {
        var queue = CommitQueue<Int>(waitingMax: 2)
        #expect(queue.submitted(1, isNew: true) == .queued(wake: false))
        #expect(queue.submitted(2, isNew: false) == .queued(wake: false))
        #expect(queue.submitted(3, isNew: true) == .overloaded)
        #expect(queue.submitted(4, isNew: false) == .queued(wake: false))
        #expect(queue.waiting == [1, 2, 4])
    }

    @Test("more than half of what may wait is news, again only after it was written")
    func warns() {
        var queue = CommitQueue<Int>(waitingMax: 4)
        func warnings(_ count: Int) -> [Bool] {
            (0..<count).map { number in
                _ = queue.submitted(number, isNew: true)
                return queue.takeWarning()
            }
        }
        #expect(warnings(4) == [false, false, true, false])
        _ = queue.threadReady()
        #expect(warnings(3) == [false, false, true])
    }

    @Test("a sleeping thread is woken once")
    func wakes() {
        var queue = CommitQueue<Int>(waitingMax: 2)
        guard case .sleep = queue.threadReady() else { return #expect(Bool(false)) }
        #expect(queue.submitted(1, isNew: true) == .queued(wake: true))
        #expect(queue.submitted(2, isNew: true) == .queued(wake: false))
    }

    @Test("a group is bounded and the rest keeps its order")
    func bounds() {
        let count = CommitQueue<Int>.groupCommitsMax + 5
        var queue = CommitQueue<Int>(waitingMax: count)
        for number in 0..<count { _ = queue.submitted(number, isNew: true) }
        guard case .write(let first) = queue.threadReady(),
            case .write(let second) = queue.threadReady()
        else { return #expect(Bool(false)) }
        #expect(first + second == Array(0..<count))
        #expect(second.count == 5)
    }

    @Test("stopping refuses what comes and writes what waits")
    func stops() {
        var queue = CommitQueue<Int>(waitingMax: 2)
        _ = queue.submitted(1, isNew: true)
        let wakes = queue.stopped()
        #expect(!wakes)
        #expect(queue.submitted(2, isNew: false) == .stopped)
        guard case .write([1]) = queue.threadReady() else { return #expect(Bool(false)) }
        guard case .end = queue.threadReady() else { return #expect(Bool(false)) }
    }

    @Test("stopping wakes a sleeping thread")
    func stopWakes() {
        var queue = CommitQueue<Int>(waitingMax: 2)
        _ = queue.threadReady()
        let wakes = queue.stopped()
        #expect(wakes)
    }
}
