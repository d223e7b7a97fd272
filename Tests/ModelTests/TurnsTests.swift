import Model
import Testing

/// One rule for whoever takes turns.
struct TurnsTests {
    @Test func `each stands in line once, and goes to its end when it was served`() {
        var turns = Turns<String>()
        for name in ["a", "b", "a", "c"] { turns.join(name) }
        #expect(Array(turns) == ["a", "b", "c"])
        turns.served("b")
        #expect(Array(turns) == ["a", "c", "b"])
        turns.leave("c")
        turns.leave("c")
        let first = turns.popFirst()
        #expect(first == "a")
        turns.join("a")
        #expect(Array(turns) == ["b", "a"])
    }
}
