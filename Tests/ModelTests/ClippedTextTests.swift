import Model
import Testing

@Suite struct ClippedTextTests {
    @Test(arguments: [
        ("", 0, ""), ("abc", 3, "abc"), ("abcdef", 5, "ab…"), ("ääää", 7, "ää…"),
        ("ääää", 8, "ääää"),
        ("👍👍", 7, "👍…"), ("abcdef", 2, "…"),
    ])
    func `a text keeps what fits, in whole characters`(text: String, max: Int, kept: String) {
        #expect(text.clipped(toBytes: max) == kept)
        #expect(kept.utf8.count <= Swift.max(max, 3))
    }
}
