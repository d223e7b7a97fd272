import Testing

@testable import JSON

@Suite("Pattern")
struct PatternTests {
    func matches(_ pattern: String, _ text: String) throws -> Bool? {
        var budget = 1_000_000
        return try Pattern(pattern).matches(text, budget: &budget)
    }

    @Test(
        "a pattern matches as ECMA-262 says",
        arguments: [
            ("", "", true), ("", "x", true), ("a", "bab", true), ("^a", "ba", false),
            ("a$", "ab", false), ("^a*$", "aaa", true), ("^a*$", "", true), ("^a+$", "", false),
            ("^a?b$", "b", true), ("^a?b$", "aab", false), ("^(ab|cd)+$", "abcdab", true),
            ("^(ab|cd)+$", "abc", false), ("^a{3}$", "aaa", true), ("^a{3}$", "aaaa", false),
            ("^a{2,}$", "a", false), ("^a{2,}$", "aaaaa", true), ("^a{1,2}$", "aaa", false),
            ("^a{0}$", "", true), ("^a{0,1}b$", "ab", true), ("^.$", "\n", false),
            ("^.$", "é", true), ("^.$", "\u{1F600}", true), ("^[a-c]$", "b", true),
            ("^[a-c]$", "d", false), ("^[^a-c]$", "d", true), ("^[^a-c]$", "a", false),
            ("^[]$", "", false), ("^[^]$", "\n", true), ("^[\\]a]$", "]", true),
            ("^[a-]$", "-", true),
            ("^[-a]$", "-", true), ("^[\\w-]+$", "a-b_1", true), ("^\\d+$", "123", true),
            ("^\\d+$", "\u{0661}", false), ("^\\D$", "x", true), ("^\\w$", "é", false),
            ("^\\W$", "é", true), ("^\\s$", "\u{A0}", true), ("^\\S$", " ", false),
            ("^[\\d\\s]+$", "1 2", true), ("^[^\\d]$", "1", false), ("^\\.$", "x", false),
            ("^\\-$", "-", true), ("^\\/$", "/", true), ("\\bfoo\\b", "a foo b", true),
            ("\\bfoo\\b", "afoo", false), ("\\Boo", "foo", true), ("^\\u0041$", "A", true),
            ("^\\u{1F600}$", "\u{1F600}", true), ("^\\x41$", "A", true), ("^\\cJ$", "\n", true),
            ("^\\0$", "\0", true), ("^\\t\\n\\v\\f\\r$", "\t\n\u{0B}\u{0C}\r", true),
            ("^[\\b]$", "\u{08}", true), ("^\\p{Lu}$", "É", true), ("^\\p{L}+$", "éÉ", true),
            ("^\\P{L}$", "1", true), ("^(?:a|b)c$", "bc", true),
            ("^(?<year>\\d{4})$", "2024", true),
            ("^a*?b$", "aab", true), ("a|b|", "x", true), ("^(|a)$", "a", true),
            ("^()*$", "", true),
            ("^(a*)*$", "aaab", false), ("(^a|b)c", "bc", true), ("x*$", "y", true),
            ("^[A-Z]{2,3}-\\d{1,4}$", "AB-1234", true), ("^[A-Z]{2,3}-\\d{1,4}$", "ABCD-1", false),
            ("^é$", "e\u{301}", false),
        ])
    func matching(pattern: String, text: String, isMatch: Bool) throws {
        #expect(try matches(pattern, text) == isMatch)
    }

    @Test(
        "a pattern outside the subset is refused",
        arguments: [
            "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(a)\\1", "\\k<a>", "(", ")", "(a", "a)", "[a",
            "*", "+a", "?", "a**", "a{2}{3}", "^*", "\\b+", "{", "a{", "a{x}", "a{2,1}", "a{1001}",
            "a{2", "}", "]", "\\", "\\u12", "\\u{110000}", "\\uD800", "\\x1", "\\q", "\\c1", "\\01",
            "\\p{Foo}", "\\pL", "[z-a]", "[\\d-z]", "[a\\q]", "(?i)a", "(?<>a)", "(?<1", "\\p{",
        ])
    func refused(pattern: String) {
        #expect(throws: PatternError.self) { try Pattern(pattern) }
    }

    @Test("patterns that back-tracking matchers hang on take few steps")
    func hostilePatterns() throws {
        let text = String(repeating: "a", count: 2_000) + "!"
        for pattern in ["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(.*a){20}$", "^(([a-z])+.)+[A-Z]$"] {
            #expect(try matches(pattern, text) == false, "\(pattern)")
        }
    }

    @Test("a match that costs more than its budget is given up")
    func budget() throws {
        var budget = 1_000
        let pattern = try Pattern("^(a?){500}$")
        #expect(pattern.matches(String(repeating: "a", count: 400), budget: &budget) == nil)
    }

    @Test("a pattern that would become too large, long or deep is refused")
    func limits() {
        for pattern in [
            "(a{1000}){1000}", "((a?){100}){100}", String(repeating: "a", count: 2_049),
            String(repeating: "(", count: 65) + String(repeating: ")", count: 65),
        ] {
            #expect(throws: PatternError.self) { try Pattern(pattern) }
        }
        #expect(throws: Never.self) { try Pattern("((((){1000}){1000}){1000}){1000}") }
    }
}
