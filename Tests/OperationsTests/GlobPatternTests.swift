import Testing

@testable import Operations

struct GlobPatternTests {
    @Test(arguments: [
        ("*.json", "a.json", true), ("*.json", ".json", true), ("*.json", "a.jsonx", false),
        ("a*b*c", "aXbYc", true), ("a*b*c", "abc", true), ("a*b*c", "acb", false),
        ("?.json", "a.json", true), ("?.json", "ab.json", false), ("", "", true), ("", "a", false),
        ("*", "", true), ("**", "anything", true), ("[a]", "a", false), ("[a]", "[a]", true),
    ])
    func `a name matches as a shell would have it`(pattern: String, name: String, matches: Bool) {
        #expect(GlobPattern(pattern).matches(name) == matches)
    }

    @Test func `a pattern of many stars is told from a long name in reasonable time`() {
        let pattern = GlobPattern(String(repeating: "*a", count: 100))
        #expect(!pattern.matches(String(repeating: "a", count: 5_000) + "b"))
    }
}
