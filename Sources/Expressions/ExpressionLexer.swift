internal import JSON

/// The tokens of a jq program, as the lexer of jq 1.6 cuts them.
///
/// Strings and comments are what it is for: a brace or a name within them means nothing.
struct ExpressionLexer {
    struct Token: Equatable {
        enum Kind: Equatable {
            /// `.name`
            case field(String)
            /// A keyword or a function's name, `module::` included.
            case word(String)
            /// `$name`
            case variable(String)
            case number(String)
            /// A string without interpolation; nil where its escapes are not those of JSON.
            case string(String?)
            /// The parts of a string with interpolation.
            case stringStart, stringEnd, interpolationOpen, interpolationClose
            /// `@name`
            case format
            case symbol(String)
        }
        var kind: Kind
        /// The offset of its first byte.
        var offset: Int
    }

    private enum Bracket {
        case round, square, curly, interpolation
    }

    private let bytes: ArraySlice<UInt8>
    private let stopsAtBrace: Bool
    private var position: Int
    private var brackets: [Bracket] = []
    private var tokens: [Token] = []

    /// The tokens of all of `program`.
    static func tokens(of program: String) throws(ExpressionError) -> [Token] {
        var lexer = ExpressionLexer(bytes: Array(program.utf8)[...], stopsAtBrace: false)
        try lexer.run()
        return lexer.tokens
    }

    /// The offset of the brace that ends the program which `bytes` begin with.
    static func end(of bytes: ArraySlice<UInt8>) throws(ExpressionError) -> Int {
        var lexer = ExpressionLexer(bytes: bytes, stopsAtBrace: true)
        try lexer.run()
        return lexer.position
    }

    private init(bytes: ArraySlice<UInt8>, stopsAtBrace: Bool) {
        self.bytes = bytes
        self.stopsAtBrace = stopsAtBrace
        position = bytes.startIndex
    }

    private func failure(_ message: String) -> ExpressionError {
        ExpressionError(.syntax, "\(message) at byte \(position - bytes.startIndex)")
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        position + offset < bytes.endIndex ? bytes[position + offset] : 0
    }

    private mutating func append(_ kind: Token.Kind, from start: Int) {
        tokens.append(Token(kind: kind, offset: start - bytes.startIndex))
    }

    private mutating func run() throws(ExpressionError) {
        while position < bytes.endIndex {
            let start = position
            switch byte() {
            case 0:
                throw failure("a zero byte")
            case UInt8(ascii: " "), 0x09, 0x0A, 0x0D:
                position += 1
            case UInt8(ascii: "#"):
                while position < bytes.endIndex, byte() != 0x0A { position += 1 }
            case UInt8(ascii: "\""):
                position += 1
                try string(from: start)
            case UInt8(ascii: "("): try open(.round, "(")
            case UInt8(ascii: "["): try open(.square, "[")
            case UInt8(ascii: "{"): try open(.curly, "{")
            case UInt8(ascii: ")"):
                if try closeRound() { try string(from: nil) }
            case UInt8(ascii: "]"): try close(.square, "]")
            case UInt8(ascii: "}"):
                if brackets.isEmpty && stopsAtBrace { return }
                try close(.curly, "}")
            case UInt8(ascii: "$"): variable()
            case UInt8(ascii: "@"):
                position += 1
                _ = name()
                append(.format, from: start)
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number()
            case UInt8(ascii: "."): dot()
            case let first where Self.isNameStart(first): word()
            default: symbol()
            }
        }
        if stopsAtBrace { throw failure("expected '}' after an expression, found the end") }
        if let last = brackets.last {
            throw failure(
                last == .interpolation ? "expected ')' and '\"'" : "expected a closing bracket")
        }
    }

    // MARK: Brackets and strings

    private mutating func open(_ bracket: Bracket, _ text: String) throws(ExpressionError) {
        guard brackets.count < ExpressionLimits.nestingMax else {
            throw failure("nesting exceeds the limit of \(ExpressionLimits.nestingMax) levels")
        }
        brackets.append(bracket)
        append(.symbol(text), from: position)
        position += 1
    }

    private mutating func close(_ bracket: Bracket, _ text: String) throws(ExpressionError) {
        guard brackets.last == bracket else { throw failure("unexpected '\(text)'") }
        brackets.removeLast()
        append(.symbol(text), from: position)
        position += 1
    }

    /// Closes a round bracket; true if it ended an interpolation, so that the string goes on.
    private mutating func closeRound() throws(ExpressionError) -> Bool {
        guard brackets.last == .interpolation else {
            try close(.round, ")")
            return false
        }
        brackets.removeLast()
        append(.interpolationClose, from: position)
        position += 1
        return true
    }

    /// Reads on in a string, from its quote at `start` or after an interpolation.
    private mutating func string(from start: Int?) throws(ExpressionError) {
        while position < bytes.endIndex {
            switch byte() {
            case UInt8(ascii: "\""):
                position += 1
                if let start {
                    append(.string(Self.decoded(bytes[start..<position])), from: start)
                } else {
                    append(.stringEnd, from: position - 1)
                }
                return
            case UInt8(ascii: "\\") where byte(1) == UInt8(ascii: "("):
                guard brackets.count < ExpressionLimits.nestingMax else {
                    throw failure(
                        "nesting exceeds the limit of \(ExpressionLimits.nestingMax) levels")
                }
                if let start { append(.stringStart, from: start) }
                append(.interpolationOpen, from: position)
                brackets.append(.interpolation)
                position += 2
                return
            case UInt8(ascii: "\\"):
                position += 2
            case 0:
                throw failure("a zero byte")
            default:
                position += 1
            }
        }
        position = bytes.endIndex
        throw failure("expected '\"' at the end of a string")
    }

    private static func decoded(_ quoted: ArraySlice<UInt8>) -> String? {
        (try? JSONValue(parsing: Array(quoted)))?.stringValue
    }

    // MARK: Words, numbers and symbols

    private static func isNameStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private mutating func name() -> String {
        let start = position
        while Self.isNameStart(byte()) || Self.isDigit(byte()) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func word() {
        let start = position
        var text = name()
        while byte() == UInt8(ascii: ":"), byte(1) == UInt8(ascii: ":"), Self.isNameStart(byte(2)) {
            position += 2
            text += "::" + name()
        }
        append(.word(text), from: start)
    }

    /// `$name`; jq lets white space and comments stand between the two.
    private mutating func variable() {
        let start = position
        position += 1
        while position < bytes.endIndex {
            if byte() == UInt8(ascii: "#") {
                while position < bytes.endIndex, byte() != 0x0A { position += 1 }
            } else if [UInt8(ascii: " "), 0x09, 0x0A, 0x0D].contains(byte()) {
                position += 1
            } else {
                break
            }
        }
        var text = name()
        while byte() == UInt8(ascii: ":"), byte(1) == UInt8(ascii: ":"), Self.isNameStart(byte(2)) {
            position += 2
            text += "::" + name()
        }
        append(.variable(text), from: start)
    }

    private mutating func number() {
        let start = position
        while Self.isDigit(byte()) { position += 1 }
        if byte() == UInt8(ascii: ".") {
            position += 1
            while Self.isDigit(byte()) { position += 1 }
        }
        if byte() | 0x20 == UInt8(ascii: "e") {
            let sign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 1 : 0
            if Self.isDigit(byte(1 + sign)) {
                position += 1 + sign
                while Self.isDigit(byte()) { position += 1 }
            }
        }
        append(.number(String(decoding: bytes[start..<position], as: UTF8.self)), from: start)
    }

    private mutating func dot() {
        let start = position
        if Self.isNameStart(byte(1)) {
            position += 1
            append(.field(name()), from: start)
        } else if Self.isDigit(byte(1)) {
            number()
        } else {
            position += byte(1) == UInt8(ascii: ".") ? 2 : 1
            append(.symbol(position - start == 2 ? ".." : "."), from: start)
        }
    }

    private static let longSymbols = [
        "?//", "//=", "!=", "==", "//", "|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=",
    ]

    private mutating func symbol() {
        let start = position
        let long = Self.longSymbols.first { bytes[position...].starts(with: $0.utf8) }
        position += long?.utf8.count ?? 1
        let text = long ?? String(decoding: bytes[start..<position], as: UTF8.self)
        append(.symbol(text), from: start)
    }
}
