/// What a program may read of its bindings, so that no more is sent to it.
///
/// It errs on the side of everything: only a program whose tokens show that it looks at nothing else
/// is narrowed.
package struct ExpressionReferences: Sendable, Equatable {
    /// The names at the root, such as `input`; nil for any.
    package var names: Set<String>?
    /// The nodes whose output may be read; nil for any (where `names` has `nodes`).
    package var nodes: Set<String>?

    /// A program that may read everything.
    package static let everything = ExpressionReferences(names: nil, nodes: nil)

    package init(names: Set<String>?, nodes: Set<String>?) {
        self.names = names
        self.nodes = nodes
    }

    /// Whether the program may read `name` at the root.
    package func contains(_ name: String) -> Bool { names?.contains(name) ?? true }

    /// Whether the program may read the output of the node `id`.
    package func contains(node id: String) -> Bool {
        contains("nodes") && (nodes?.contains(id) ?? true)
    }

    init(_ tokens: [ExpressionLexer.Token]) {
        var reader = ReferenceReader(tokens: tokens)
        self = reader.read() ?? .everything
    }
}

/// Follows where `.` still is the root: from the beginning of an expression or a bracket up to the
/// first `|`.
private struct ReferenceReader {
    private struct Frame {
        var opening: String
        /// Whether `.` is the root where the frame begins, and now.
        var base: Bool
        var isRoot: Bool
    }

    private let tokens: [ExpressionLexer.Token]
    private var frames = [Frame(opening: "", base: true, isRoot: true)]
    private var names: Set<String> = []
    private var nodes: Set<String>? = []

    init(tokens: [ExpressionLexer.Token]) { self.tokens = tokens }

    private static let keywords: Set<String> = [
        "and", "or", "if", "then", "elif", "else", "try", "catch",
    ]
    private static let rootless: Set<String> = [
        "true", "false", "null", "empty", "now", "nan", "infinite", "not", "end",
    ]
    /// What binds or rebinds `.` in ways that are not followed here.
    private static let opaqueWords: Set<String> = [
        "as", "def", "reduce", "foreach", "label", "import", "include",
    ]
    private static let opaqueSymbols: Set<String> = [
        "..", "=", "|=", "+=", "-=", "*=", "/=", "%=", "//=", "?//",
    ]

    /// What the tokens read, or nil where that cannot be told.
    mutating func read() -> ExpressionReferences? {
        for position in tokens.indices where !readToken(at: position) { return nil }
        return ExpressionReferences(names: names, nodes: names.contains("nodes") ? nodes : [])
    }

    private var isRoot: Bool { frames.last?.isRoot ?? true }

    private mutating func push(_ opening: String) {
        frames.append(Frame(opening: opening, base: isRoot, isRoot: isRoot))
    }

    private mutating func restart() {
        guard let frame = frames.last else { return }
        frames[frames.count - 1].isRoot = frame.base
    }

    private mutating func pop() -> Bool {
        frames.removeLast()
        return !frames.isEmpty
    }

    private mutating func readToken(at position: Int) -> Bool {
        switch tokens[position].kind {
        case .field(let name):
            if isRoot && !followsTerm(position) { note(name, at: position) }
            return true
        case .word(let word): return readWord(word, at: position)
        case .symbol(let symbol): return readSymbol(symbol, at: position)
        case .interpolationOpen:
            push("\\(")
            return true
        case .interpolationClose: return pop()
        case .format: return !isRoot || isString(position + 1)
        case .variable(let name): return name == "__loc__"
        case .string:
            // `{"name"}` reads that member.
            return
                !(isRoot && tokens.isKey(at: position, within: frames.last?.opening)
                && kind(position + 1) != .symbol(":"))
        case .number, .stringStart, .stringEnd: return true
        }
    }

    private mutating func readWord(_ word: String, at position: Int) -> Bool {
        if tokens.isKey(at: position, within: frames.last?.opening) {
            if isRoot && kind(position + 1) != .symbol(":") { note(word, at: position) }
            return true
        }
        if Self.opaqueWords.contains(word) { return false }
        switch word {
        case "if": push("if")
        case "then", "elif", "else": restart()
        case "end": return frames.last?.opening == "if" && pop()
        default: break
        }
        return !isRoot || Self.keywords.contains(word) || Self.rootless.contains(word)
    }

    private mutating func readSymbol(_ symbol: String, at position: Int) -> Bool {
        switch symbol {
        case "(", "[", "{": push(symbol)
        case ")", "]", "}": return pop()
        case "|": frames[frames.count - 1].isRoot = false
        case ";", ":": restart()
        case ",": if frames.last?.opening == "{" { restart() }
        case ".": return !isRoot || followsTerm(position)
        default: return !Self.opaqueSymbols.contains(symbol)
        }
        return true
    }

    private func kind(_ position: Int) -> ExpressionLexer.Token.Kind? {
        tokens.indices.contains(position) ? tokens[position].kind : nil
    }

    private func isString(_ position: Int) -> Bool {
        switch kind(position) {
        case .string, .stringStart: true
        default: false
        }
    }

    /// Whether the token before ends a term, so that this one reads a part of it.
    private func followsTerm(_ position: Int) -> Bool {
        switch kind(position - 1) {
        case .field, .string, .stringEnd, .variable, .number: true
        case .word(let word): !Self.keywords.contains(word)
        case .symbol(let symbol): [")", "]", "}", "?", "."].contains(symbol)
        default: false
        }
    }

    private mutating func note(_ name: String, at position: Int) {
        names.insert(name)
        guard name == "nodes" else { return }
        switch (kind(position + 1), kind(position + 2), kind(position + 3)) {
        case (.field(let id), _, _): nodes?.insert(id)
        case (.symbol("["), .string(let id?), .symbol("]")): nodes?.insert(id)
        case (.symbol("."), .string(let id?), _): nodes?.insert(id)
        default: nodes = nil
        }
    }
}
