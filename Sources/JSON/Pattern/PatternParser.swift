/// Reads the common part of ECMA-262 regular expressions, and refuses what has no linear match.
///
///     choice   = sequence *("|" sequence)
///     sequence = *(atom ["*" / "+" / "?" / "{" n ["," [m]] "}" ["?"]])
///     atom     = char / "." / "^" / "$" / "\" escape / class / "(" ["?:" / "?<name>"] choice ")"
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    /// The longest pattern, in scalars, and the deepest nesting of its groups.
    static let scalarsMax = 2_048
    static let depthMax = 64

    static func parse(_ text: String) throws(PatternError) -> PatternNode {
        var parser = PatternParser(scalars: Array(text.unicodeScalars))
        guard parser.scalars.count <= scalarsMax else {
            throw PatternError(
                message: "pattern of \(parser.scalars.count) characters exceeds the limit of "
                    + "\(scalarsMax)")
        }
        let node = try parser.choice()
        guard parser.position == parser.scalars.count else {
            throw parser.failure("unexpected ')'")
        }
        return node
    }

    private init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

    private var here: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private func failure(_ message: String) -> PatternError {
        PatternError(message: "\(message) at character \(position) of the pattern")
    }

    private mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.unicodeScalars)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    // MARK: Structure

    private mutating func choice() throws(PatternError) -> PatternNode {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else {
            throw failure("groups nest deeper than the limit of \(Self.depthMax)")
        }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(PatternError) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = here, scalar != "|", scalar != ")" {
            let start = position
            let atom = try atom()
            nodes.append(try repeated(atom, from: start))
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func repeated(
        _ atom: PatternNode, from start: Int
    ) throws(PatternError) -> PatternNode {
        let bounds: (Int, Int?)
        switch here {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        case "{": bounds = try countedBounds()
        default: return atom
        }
        position += 1
        // Greedy or not, whether there is a match is the same.
        _ = take("?")
        switch atom {
        case .start, .end, .boundary:
            position = start
            throw failure("nothing to repeat")
        default: break
        }
        if let next = here, "*+?{".unicodeScalars.contains(next) {
            throw failure("nothing to repeat")
        }
        return .repeated(atom, min: bounds.0, max: bounds.1)
    }

    private mutating func countedBounds() throws(PatternError) -> (Int, Int?) {
        position += 1
        let lower = try count()
        var upper: Int? = lower
        if take(",") { upper = here == "}" ? nil : try count() }
        guard here == "}" else { throw failure("expected '}' after a repeat count") }
        if let upper, upper < lower { throw failure("a repeat's bounds are out of order") }
        return (lower, upper)
    }

    private mutating func count() throws(PatternError) -> Int {
        var value: Int?
        while let scalar = here, ("0"..."9").contains(scalar) {
            value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
            position += 1
            if value ?? 0 > 1_000 { throw failure("a repeat count exceeds the limit of 1000") }
        }
        guard let value else { throw failure("expected a repeat count after '{'") }
        return value
    }

    private mutating func atom() throws(PatternError) -> PatternNode {
        guard let scalar = here else { throw failure("expected a character") }
        switch scalar {
        case "^":
            position += 1
            return .start
        case "$":
            position += 1
            return .end
        case ".":
            position += 1
            return .any
        case "(": return try group()
        case "[": return .set(try set())
        case "\\": return try escape()
        case "*", "+", "?", "{": throw failure("nothing to repeat")
        case "}", "]": throw failure("expected '\\' before '\(scalar)'")
        default:
            position += 1
            return .scalar(scalar)
        }
    }

    private mutating func group() throws(PatternError) -> PatternNode {
        for unsafeStart in ["(?=", "(?!", "(?<=", "(?<!"] where take(unsafeStart) {
            throw failure("lookahead and lookbehind are not supported")
        }
        if take("(?<") {
            var name = 0
            while let scalar = here, ScalarSet.isWord(scalar) || scalar == "$" {
                position += 1
                name += 1
            }
            guard name > 0, take(">") else { throw failure("expected a group's name and '>'") }
        } else if !take("(?:") {
            guard !take("(?") else { throw failure("expected ':' or '<name>' after '(?'") }
            position += 1
        }
        let node = try choice()
        guard take(")") else { throw failure("expected ')'") }
        return node
    }

    // MARK: Escapes and classes

    private mutating func escape() throws(PatternError) -> PatternNode {
        guard position + 1 < scalars.count else { throw failure("expected a character after '\\'") }
        switch scalars[position + 1] {
        case "b":
            position += 2
            return .boundary(isInverted: false)
        case "B":
            position += 2
            return .boundary(isInverted: true)
        case "1"..."9", "k": throw failure("backreferences are not supported")
        default: break
        }
        switch try setEscape() {
        case .range(let range) where range.lowerBound == range.upperBound:
            return Unicode.Scalar(range.lowerBound).map(PatternNode.scalar) ?? .empty
        case let item:
            return .set(ScalarSet(items: [item]))
        }
    }

    /// An escape that stands for a character or a set of them.
    private mutating func setEscape() throws(PatternError) -> ScalarSet.Item {
        position += 1
        guard let scalar = here else { throw failure("expected a character after '\\'") }
        position += 1
        switch scalar {
        case "d": return .digit
        case "D": return .inverted([.digit])
        case "w": return .word
        case "W": return .inverted([.word])
        case "s": return .space
        case "S": return .inverted([.space])
        case "p", "P":
            let categories = try category()
            return scalar == "p" ? .category(categories) : .inverted([.category(categories)])
        default:
            let value = try scalarEscape(scalar)
            return .range(value.value...value.value)
        }
    }

    private mutating func scalarEscape(
        _ scalar: Unicode.Scalar
    ) throws(PatternError) -> Unicode.Scalar {
        switch scalar {
        case "t": return "\t"
        case "n": return "\n"
        case "r": return "\r"
        case "f": return "\u{0C}"
        case "v": return "\u{0B}"
        case "0":
            if let next = here, ("0"..."9").contains(next) {
                throw failure("octal escapes are not supported")
            }
            return "\0"
        case "x": return try hexadecimal(digits: 2)
        case "u":
            if take("{") {
                let value = try hexadecimal(digits: nil)
                guard take("}") else { throw failure("expected '}'") }
                return value
            }
            return try hexadecimal(digits: 4)
        case "c":
            guard let letter = here, letter.properties.isAlphabetic, letter.isASCII else {
                throw failure("expected a letter after '\\c'")
            }
            position += 1
            return Unicode.Scalar(UInt8(letter.value & 0x1F))
        default:
            guard !ScalarSet.isWord(scalar) else {
                position -= 1
                throw failure("unknown escape '\\\(scalar)'")
            }
            return scalar
        }
    }

    private mutating func hexadecimal(digits: Int?) throws(PatternError) -> Unicode.Scalar {
        var value: UInt32 = 0
        var count = 0
        while count < digits ?? 6, let scalar = here, scalar.isASCII,
            let digit = Character(scalar).hexDigitValue
        {
            value = value << 4 | UInt32(digit)
            count += 1
            position += 1
        }
        guard count == digits ?? max(count, 1), let scalar = Unicode.Scalar(value) else {
            throw failure("expected the hexadecimal digits of a character")
        }
        return scalar
    }

    private mutating func category() throws(PatternError) -> GeneralCategories {
        guard take("{") else { throw failure("expected '{' after '\\p'") }
        var name = ""
        while let scalar = here, scalar != "}" {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take("}"), let categories = GeneralCategories(name: name) else {
            throw failure(
                "expected the short name of a general category, such as 'Lu', in '\\p{…}'")
        }
        return categories
    }

    private mutating func set() throws(PatternError) -> ScalarSet {
        position += 1
        var set = ScalarSet()
        set.isInverted = take("^")
        while true {
            guard let scalar = here else { throw failure("expected ']'") }
            if scalar == "]" {
                position += 1
                return set
            }
            let first = try setItem()
            guard here == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                set.items.append(first)
                continue
            }
            position += 1
            let last = try setItem()
            guard case .range(let lower) = first, case .range(let upper) = last,
                lower.lowerBound <= upper.lowerBound
            else { throw failure("a range's bounds are no characters, or out of order") }
            set.items.append(.range(lower.lowerBound...upper.lowerBound))
        }
    }

    private mutating func setItem() throws(PatternError) -> ScalarSet.Item {
        guard let scalar = here else { throw failure("expected ']'") }
        guard scalar == "\\" else {
            position += 1
            return .range(scalar.value...scalar.value)
        }
        if position + 1 < scalars.count, scalars[position + 1] == "b" {
            position += 2
            return .range(8...8)
        }
        return try setEscape()
    }
}
