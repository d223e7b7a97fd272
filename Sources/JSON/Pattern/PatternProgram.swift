/// A set of Unicode scalars.
struct ScalarSet: Sendable {
    enum Item: Sendable {
        case range(ClosedRange<UInt32>)
        case digit, word, space
        case category(GeneralCategories)
        case inverted([Item])
    }

    var items: [Item] = []
    var isInverted = false

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        Self.any(of: items, contains: scalar) != isInverted
    }

    private static func any(of items: [Item], contains scalar: Unicode.Scalar) -> Bool {
        items.contains { item in
            switch item {
            case .range(let range): range.contains(scalar.value)
            case .digit: ("0"..."9").contains(scalar)
            case .word: isWord(scalar)
            case .space: isSpace(scalar)
            case .category(let categories):
                categories.contains(scalar.properties.generalCategory)
            case .inverted(let items): !any(of: items, contains: scalar)
            }
        }
    }

    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            || ("0"..."9").contains(scalar) || scalar == "_"
    }

    /// WhiteSpace and LineTerminator of ECMA-262.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0xA0, 0xFEFF, 0x2028, 0x2029: true
        default: scalar.properties.generalCategory == .spaceSeparator
        }
    }

    static func isLineEnd(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\r" || scalar.value == 0x2028 || scalar.value == 0x2029
    }
}

/// General categories of Unicode, by the short names that `\p{…}` takes.
struct GeneralCategories: Sendable {
    private var names: [Unicode.GeneralCategory]

    func contains(_ category: Unicode.GeneralCategory) -> Bool { names.contains(category) }

    init?(name: String) {
        let matching = Self.byName.filter { short, _ in
            short == name || (name.utf8.count == 1 && short.hasPrefix(name))
        }
        guard !matching.isEmpty else { return nil }
        names = matching.map(\.1)
    }

    private static let byName: [(String, Unicode.GeneralCategory)] = [
        ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter),
        ("Lm", .modifierLetter), ("Lo", .otherLetter), ("Mn", .nonspacingMark),
        ("Mc", .spacingMark), ("Me", .enclosingMark), ("Nd", .decimalNumber),
        ("Nl", .letterNumber), ("No", .otherNumber), ("Pc", .connectorPunctuation),
        ("Pd", .dashPunctuation), ("Ps", .openPunctuation), ("Pe", .closePunctuation),
        ("Pi", .initialPunctuation), ("Pf", .finalPunctuation), ("Po", .otherPunctuation),
        ("Sm", .mathSymbol), ("Sc", .currencySymbol), ("Sk", .modifierSymbol),
        ("So", .otherSymbol), ("Zs", .spaceSeparator), ("Zl", .lineSeparator),
        ("Zp", .paragraphSeparator), ("Cc", .control), ("Cf", .format), ("Cs", .surrogate),
        ("Co", .privateUse), ("Cn", .unassigned),
    ]
}

/// A pattern's tree, as it was read.
indirect enum PatternNode: Sendable {
    case empty
    case scalar(Unicode.Scalar)
    case any
    case set(ScalarSet)
    case start, end
    case boundary(isInverted: Bool)
    case sequence([PatternNode])
    case choice([PatternNode])
    case repeated(PatternNode, min: Int, max: Int?)
}

/// A pattern as instructions of a Thompson automaton.
struct PatternProgram: Sendable {
    enum Instruction: Sendable {
        case scalar(Unicode.Scalar)
        case any
        case set(ScalarSet)
        case start, end
        case boundary(isInverted: Bool)
        case split(Int, Int)
        case jump(Int)
        case match
    }

    /// The most instructions a pattern may become: counted repeats multiply them.
    static let instructionsMax = 4_000

    private(set) var instructions: [Instruction] = []

    init(_ node: PatternNode) throws(PatternError) {
        try append(node)
        try emit(.match)
    }

    private mutating func emit(_ instruction: Instruction) throws(PatternError) {
        guard instructions.count < Self.instructionsMax else {
            throw PatternError(
                message: "pattern exceeds the limit of \(Self.instructionsMax) steps once its "
                    + "repeats are written out")
        }
        instructions.append(instruction)
    }

    private mutating func append(_ node: PatternNode) throws(PatternError) {
        switch node {
        case .empty: break
        case .scalar(let scalar): try emit(.scalar(scalar))
        case .any: try emit(.any)
        case .set(let set): try emit(.set(set))
        case .start: try emit(.start)
        case .end: try emit(.end)
        case .boundary(let isInverted): try emit(.boundary(isInverted: isInverted))
        case .sequence(let nodes): for node in nodes { try append(node) }
        case .choice(let nodes): try append(choice: nodes)
        case .repeated(let node, let min, let max): try append(node, min: min, max: max)
        }
    }

    private mutating func append(choice nodes: [PatternNode]) throws(PatternError) {
        var jumps: [Int] = []
        for node in nodes.dropLast() {
            let split = instructions.count
            try emit(.split(split + 1, 0))
            try append(node)
            jumps.append(instructions.count)
            try emit(.jump(0))
            instructions[split] = .split(split + 1, instructions.count)
        }
        if let last = nodes.last { try append(last) }
        for jump in jumps { instructions[jump] = .jump(instructions.count) }
    }

    private mutating func append(
        _ node: PatternNode, min: Int, max: Int?
    ) throws(PatternError) {
        // A repeat of nothing must not loop to the limit.
        let before = instructions.count
        for _ in 0..<min {
            try append(node)
            if instructions.count == before { return }
        }
        guard let max else {
            let split = instructions.count
            try emit(.split(split + 1, 0))
            try append(node)
            try emit(.jump(split))
            instructions[split] = .split(split + 1, instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in min..<max {
            splits.append(instructions.count)
            try emit(.split(instructions.count + 1, 0))
            let before = instructions.count
            try append(node)
            if instructions.count == before { break }
        }
        for split in splits { instructions[split] = .split(split + 1, instructions.count) }
    }
}
