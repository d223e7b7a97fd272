import Testing

import Model

@Suite("Fair queue")
struct FairQueueTests {
    @Test("workspaces take turns, each in its own order")
    func turns() {
        var queue = FairQueue<String>(countMax: 100, countPerWorkspaceMax: 50)
        for element in ["a1", "a2", "a3", "a4"] {
            #expect(queue.append(element, workspace: "a") != nil)
        }
        for element in ["b1", "b2"] { #expect(queue.append(element, workspace: "b") != nil) }
        #expect(queue.popFirst() == "a1")
        #expect(queue.append("c1", workspace: "c") != nil)
        let rest = (0..<6).compactMap { _ in queue.popFirst() }
        #expect(rest == ["b1", "a2", "c1", "b2", "a3", "a4"])
        #expect(queue.popFirst() == nil)
        #expect(queue.count == 0)
    }

    @Test("the queue and each workspace's part are bounded")
    func bounds() {
        var queue = FairQueue<Int>(countMax: 3, countPerWorkspaceMax: 2)
        #expect(queue.append(1, workspace: "a") != nil)
        #expect(queue.append(2, workspace: "a") != nil)
        #expect(queue.append(3, workspace: "a") == nil)
        #expect(queue.append(4, workspace: "b") != nil)
        #expect(queue.append(5, workspace: "c") == nil)
        #expect(queue.popFirst() == 1)
        #expect(queue.append(5, workspace: "c") != nil)
    }

    @Test("an element is removed once, and its workspace loses its turn with its last")
    func removal() throws {
        var queue = FairQueue<Int>(countMax: 10, countPerWorkspaceMax: 10)
        let added = queue.append(1, workspace: "a")
        let first = try #require(added)
        _ = queue.append(2, workspace: "b")
        #expect(queue.remove(first, workspace: "a") == 1)
        #expect(queue.remove(first, workspace: "a") == nil)
        #expect(queue.append(3, workspace: "a") != nil)
        #expect(queue.popFirst() == 2)
        #expect(queue.popFirst() == 3)
    }
}
