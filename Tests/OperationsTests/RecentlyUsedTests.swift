import Testing

@testable import Operations

struct RecentlyUsedTests {
    @Test func `never more than its capacity is remembered`() {
        var recent = RecentlyUsed<Int, Int>(capacity: 10)
        for key in 0..<1_000 {
            recent[key] = key
            #expect(recent.count <= 10)
            let read = recent[key]
            #expect(read == key)
        }
    }

    @Test func `what is used again outlives what is not`() {
        var recent = RecentlyUsed<Int, Int>(capacity: 10)
        recent[0] = 0
        for key in 1..<100 {
            recent[key] = key
            let used = recent[0]
            #expect(used == 0)
        }
        let unused = recent[1]
        #expect(unused == nil)
    }

    @Test func `forgetting leaves nothing`() {
        var recent = RecentlyUsed<Int, Int>(capacity: 4)
        for key in 0..<4 { recent[key] = key }
        recent.removeAll()
        #expect(recent.count == 0)
        let read = recent[3]
        #expect(read == nil)
    }

    @Test func `a new value replaces the old in either generation`() {
        var recent = RecentlyUsed<Int, String>(capacity: 4)
        recent[1] = "a"
        recent[2] = "b"
        recent[3] = "c"
        recent[1] = "d"
        let replaced = recent[1]
        #expect(replaced == "d")
        recent[1] = nil
        let removed = recent[1]
        #expect(removed == nil)
    }
}
