import JSON
import Testing

@testable import Expressions

/// Texts that nobody would write, for the parts that read expressions before jq does.
@Suite("Hostile templates")
struct HostileTemplateTests {
    /// The same texts every time, so that a failure can be looked into.
    struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    private static let pieces = [
        "${", "}", "$${", "{", "[", "]", "(", ")", "\"", "\\(", "\\\"", "\\", "#", "\n", "\0", ".",
        "..", ".a",
        ".input", ".nodes", ".secrets.X", "[0]", "[-1]", "[99999999999999999999]", "[\"a\"]", "env",
        "$ENV",
        "$__loc__", "import \"a\" as a;", "include \"a\";", "def f:", ";", "|", ",", "as $x",
        "reduce", "?//",
        "1e999999", "0x1", "'", "`", "é", "\u{202E}", "😈", "\u{FEFF}", " ", "and", "@base64",
        "label $l", "??",
    ]

    @Test(
        "random pieces are read or refused, and what was read is what was written",
        arguments: 0..<20)
    func pieces(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...12, using: &random)
            let text = (0..<count).compactMap { _ in Self.pieces.randomElement(using: &random) }
                .joined()
            let reading = Template.reading(text, limits: .standard)
            #expect(reading.errors.allSatisfy { !$0.message.isEmpty }, "\(text)")
            guard reading.errors.isEmpty else { continue }
            let written = reading.parts.map { part in
                switch part {
                case .text(let text): text.replacing("${", with: "$${")
                case .expression(let expression): "${\(expression.source)}"
                }
            }
            #expect(written.joined() == text)
        }
    }

    @Test(
        "depth and length end in a refusal",
        arguments: ["(", "[", "{", "\"\\(", ".a[", "if ", "#\n", "- "])
    func depth(opening: String) {
        for count in [1_000, 16_000, 500_000] {
            let text = "${" + String(repeating: opening, count: count) + "}"
            _ = Template.reading(text, limits: .standard)
            // As a whole or not, nothing of it is an expression that jq would be given unread.
            let closed = "${ .a" + String(repeating: opening, count: count) + " }"
            _ = Template.reading(closed, limits: .standard)
        }
    }

    @Test("data of any depth and breadth is compiled without recursing out of its stack")
    func data() throws {
        var value = JSONValue.string("${ .input }")
        for level in 0..<120 { value = level % 2 == 0 ? .array([value]) : ["k": value] }
        let compiled = try CompiledData(compiling: value)
        #expect(compiled.expressions.first?.pointer.tokens.count == 120)
        let wide = JSONValue.array(Array(repeating: .string("${ env }"), count: 5_000))
        let error = #expect(throws: CompiledData.CompileError.self) {
            try CompiledData(compiling: wide)
        }
        #expect(error?.faults.count == CompiledData.faultsMax)
    }
}
