/// Refuses programs that name what no workflow may use: files, the environment, the process.
///
/// The helper could not reach them either; this tells the author when the workflow is saved.
enum ExpressionScreen {
    private static let refusedWords: Set<String> = [
        "import", "include", "env", "input", "inputs", "debug", "stderr", "halt", "halt_error",
        "get_search_list", "modulemeta", "input_filename", "input_line_number", "get_prog_origin",
        "get_jq_origin",
    ]
    private static let refusedVariables: Set<String> = ["ENV", "__prog_args"]

    static func check(_ tokens: [ExpressionLexer.Token]) throws(ExpressionError) {
        var brackets: [String] = []
        for (position, token) in tokens.enumerated() {
            switch token.kind {
            case .symbol(let text) where ["(", "[", "{"].contains(text):
                brackets.append(text)
            case .interpolationOpen:
                brackets.append("(")
            case .symbol(")"), .symbol("]"), .symbol("}"), .interpolationClose:
                _ = brackets.popLast()
            case .variable(let name) where refusedVariables.contains(base(of: name)):
                throw refusal("$" + name, token)
            case .word(let name) where refusedWords.contains(base(of: name)):
                if !tokens.isKey(at: position, within: brackets.last) { throw refusal(name, token) }
            default:
                break
            }
        }
    }

    private static func base(of name: String) -> String {
        name.split(separator: ":").last.map(String.init) ?? name
    }

    private static func refusal(_ name: String, _ token: ExpressionLexer.Token) -> ExpressionError {
        ExpressionError(
            .syntax, "'\(name)' at byte \(token.offset) is not allowed in an expression")
    }
}

extension [ExpressionLexer.Token] {
    /// Whether the word at `position` is a member's name in an object, not a call.
    ///
    /// That is `{name: …}`, where a colon follows, and `{name}`, which stands for `{name: .name}`.
    func isKey(at position: Int, within bracket: String?) -> Bool {
        let next = position + 1 < count ? self[position + 1].kind : nil
        if next == .symbol(":") { return true }
        guard bracket == "{", position > 0, next == .symbol("}") || next == .symbol(",") else {
            return false
        }
        return self[position - 1].kind == .symbol("{") || self[position - 1].kind == .symbol(",")
    }
}
