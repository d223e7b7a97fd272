import Testing

@testable import JSON

struct TextPatternTests {
    @Test(arguments: [
        ("a+", "xaaybaa", ["aa", "aa"]),
        ("ab|abcd", "abcd ab abc", ["abcd", "ab", "ab"]),
        ("[0-9]{2,3}", "1 12 12345", ["12", "123", "45"]),
        ("^a|b$", "aab", ["a", "b"]),
        (#"\bcat\b"#, "cat concat cat.", ["cat", "cat"]),
        ("x*", "axxb", ["xx"]), ("é", "aébé", ["é", "é"]), ("q", "abc", []),
    ])
    func `matches are the leftmost and longest, and do not overlap`(
        source: String, text: String, found: [String]
    ) throws {
        let pattern = try TextPattern(source)
        var budget = 100_000
        let ranges = try #require(pattern.matches(in: text, budget: &budget))
        #expect(ranges.map { String(text[$0]) } == found)
    }

    @Test func `the budget bounds the work`() throws {
        let pattern = try TextPattern("a+b")
        var budget = 50
        #expect(pattern.matches(in: String(repeating: "a", count: 100), budget: &budget) == nil)
        #expect(throws: TextPattern.Failure.self) { try TextPattern("(") }
    }
}
