internal import JSON

/// Finds what is to be masked in one text and replaces it.
///
/// One pass: each byte that can begin something asks the one scanner that knows it. Scanners look at a
/// bounded number of bytes, or at bytes that are then passed over, so the time is linear in the text.
struct TextMask: Sendable {
    private let rules: RedactionRules
    /// Steps that a workspace's expressions may take for each byte of a text; past it the text is
    /// masked whole.
    private static let patternStepsPerByte = 2_000

    init(_ rules: RedactionRules) {
        self.rules = rules
    }

    /// nil: nothing was found.
    func masked(_ bytes: [UInt8]) -> [UInt8]? {
        var spans: [Span] = []
        var scan = TextScan(bytes, rules.builtIn)
        scan.run(into: &spans)
        guard addCustom(bytes, to: &spans) else { return Array(RedactionRules.replacement.utf8) }
        guard !spans.isEmpty else { return nil }
        return Self.replaced(bytes, spans)
    }

    /// A part of a text and what takes its place.
    struct Span {
        let range: Range<Int>
        var replacement = RedactionRules.replacement
    }

    /// - Returns: false if an expression took too long.
    private func addCustom(_ bytes: [UInt8], to spans: inout [Span]) -> Bool {
        guard rules.custom.contains(where: { $0.pattern != nil }), !bytes.isEmpty else {
            return true
        }
        let text = String(decoding: bytes, as: UTF8.self)
        for custom in rules.custom {
            guard let pattern = custom.pattern else { continue }
            var budget = (bytes.count + 64) * Self.patternStepsPerByte
            guard let matches = pattern.matches(in: text, budget: &budget) else { return false }
            for match in matches {
                let start = text.utf8.distance(from: text.startIndex, to: match.lowerBound)
                let count = text.utf8.distance(from: match.lowerBound, to: match.upperBound)
                spans.append(
                    Span(range: start..<start + count, replacement: custom.replacement))
            }
        }
        return true
    }

    /// Where spans overlap they are one, with the replacement of the first.
    private static func replaced(_ bytes: [UInt8], _ spans: [Span]) -> [UInt8] {
        let sorted = spans.sorted { $0.range.lowerBound < $1.range.lowerBound }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var end = 0
        for span in sorted {
            if span.range.lowerBound >= end {
                output.append(contentsOf: bytes[end..<span.range.lowerBound])
                output.append(contentsOf: span.replacement.utf8)
            }
            end = max(end, span.range.upperBound)
        }
        output.append(contentsOf: bytes[end...])
        return output
    }
}
