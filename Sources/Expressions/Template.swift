/// A string of a node's `data`, with the `${ … }` parts in it.
///
/// `$${` stands for a literal `${`. A part ends at the brace that matches its own, brackets, strings and
/// comments of jq considered.
package struct Template: Sendable {
    /// A piece of the string, in order.
    package enum Part: Sendable {
        case text(String)
        case expression(Expression)
    }

    package let parts: [Part]

    /// The expressions in it, in order.
    package var expressions: [Expression] {
        parts.compactMap { if case .expression(let expression) = $0 { expression } else { nil } }
    }

    /// The expression, if the string is nothing else; its result keeps its JSON type.
    package var single: Expression? {
        if parts.count == 1, case .expression(let expression) = parts[0] { expression } else { nil }
    }

    /// The text it stands for, if it has no expressions.
    package var literal: String? {
        switch parts.first {
        case nil: ""
        case .text(let text)? where parts.count == 1: text
        default: nil
        }
    }

    /// Reads `text`.
    ///
    /// - Throws: ``ExpressionError`` of the first expression in it that is refused or has no end.
    package init(
        parsing text: String, limits: ExpressionLimits = .standard
    ) throws(ExpressionError) {
        let reading = Self.reading(text, limits: limits)
        if let error = reading.errors.first { throw error }
        parts = reading.parts
    }

    init(parts: [Part]) {
        self.parts = parts
    }

    /// The parts of `text` that are sound, and why the others are not: expressions that are refused, and
    /// one without an end, behind which nothing can be told. At most ``CompiledData/faultsMax`` are listed.
    static func reading(_ text: String, limits: ExpressionLimits)
        -> (parts: [Part], errors: [ExpressionError])
    {
        let bytes = Array(text.utf8)
        var parts: [Part] = []
        var errors: [ExpressionError] = []
        var literal: [UInt8] = []
        var position = 0
        while position < bytes.count {
            let rest = bytes[position...]
            if rest.starts(with: "$${".utf8) {
                literal.append(contentsOf: "${".utf8)
                position += 3
            } else if rest.starts(with: "${".utf8) {
                if !literal.isEmpty {
                    parts.append(.text(String(decoding: literal, as: UTF8.self)))
                    literal = []
                }
                let start = position + 2
                do throws(ExpressionError) {
                    let end = try ExpressionLexer.end(of: bytes[start...])
                    position = end + 1
                    let source = String(decoding: bytes[start..<end], as: UTF8.self)
                    parts.append(.expression(try Expression(source, limits: limits)))
                } catch {
                    errors.append(error)
                    if position < start || errors.count == CompiledData.faultsMax { break }
                }
            } else {
                literal.append(bytes[position])
                position += 1
            }
        }
        if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
        return (parts, errors)
    }
}
