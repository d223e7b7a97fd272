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
        let bytes = Array(text.utf8)
        var parts: [Part] = []
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
                let end = try ExpressionLexer.end(of: bytes[start...])
                let source = String(decoding: bytes[start..<end], as: UTF8.self)
                parts.append(.expression(try Expression(source, limits: limits)))
                position = end + 1
            } else {
                literal.append(bytes[position])
                position += 1
            }
        }
        if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
        self.parts = parts
    }
}
