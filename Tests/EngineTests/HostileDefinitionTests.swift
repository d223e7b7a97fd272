import Engine
import Messages
import Model
import Testing

/// Definitions that nobody would write: every one is a graph or a list of faults, and nothing in between.
@Suite struct HostileDefinitionTests {
    private static let pieces: [[UInt8]] = [
        "{", "}", "[", "]", ":", ",", "\"", "null", "true", "1e999", "-0", "\"\\ud800\"",
        "\"nodes\":", "\"edges\":",
        "\"id\":", "\"type\":", "\"data\":", "\"body\":", "\"start\"", "\"foreach\"", "\"${\"",
        "\"${ env }\"", "{}", "[]",
        "\"source\":", "\"target\":", "\"retry\":", "\"timeout\":\"P9999Y\"", "\"\u{0}\"", "😈",
    ].map { Array($0.utf8) }

    /// The documented examples, changed at a few places each.
    @Test(arguments: 0..<UInt64(20))
    func `changed examples are compiled or refused with what is wrong`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let limits = Limits()
        for example in DocumentedExampleTests.examples {
            let bytes = Array(example.definition.utf8)
            for _ in 0..<20 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let at = Int.random(in: 0..<changed.count, using: &random)
                    let end = min(changed.count, at + Int.random(in: 0...12, using: &random))
                    let piece = Self.pieces.randomElement(using: &random) ?? []
                    changed.replaceSubrange(at..<end, with: piece)
                }
                let text = String(decoding: changed, as: UTF8.self)
                let result = WorkflowCompiler.compile(text, limits: limits)
                #expect((result.graph == nil) == !result.faults.isEmpty, "\(text)")
                #expect(result.faults.allSatisfy { !$0.message.isEmpty && !$0.code.isEmpty })
            }
        }
    }

    /// What a graph can have much of.
    @Test func `graphs at every limit are compiled or refused, none for ever`() {
        let limits = Limits()
        let start = #"{"id":"s","type":"start"}"#
        func compile(_ nodes: [String], _ edges: [String]) -> WorkflowCompiler.Result {
            WorkflowCompiler.compile(
                #"{"nodes":[\#(nodes.joined(separator: ","))],"edges":[\#(edges.joined(separator: ","))]}"#,
                limits: limits)
        }
        func edge(_ source: String, _ target: String) -> String {
            #"{"source":"\#(source)","target":"\#(target)"}"#
        }
        let ids = (0..<999).map { "n\($0)" }
        let nodes = [start] + ids.map { #"{"id":"\#($0)","type":"noop"}"# }
        // A chain of all, a star of all, and every node in one circle.
        let chain = zip(["s"] + ids, ids).map(edge)
        #expect(compile(nodes, chain).faults == [])
        #expect(compile(nodes, ids.map { edge("s", $0) }).faults == [])
        let circle = compile(nodes, chain + [edge("n998", "n0")])
        #expect(circle.faults.count == 999)
        // As many edges as a definition may have: each node to the nine after it.
        let mesh = ids.indices.flatMap { from in
            ids[(from + 1)...].prefix(9).map { edge(ids[from], $0) }
        }
        #expect(compile(nodes, [edge("s", "n0")] + mesh).faults == [])
    }
}
