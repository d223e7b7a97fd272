/// A regular expression that is matched in time linear in the text, whatever it says.
///
/// It takes the common part of ECMA-262 with the `u` flag: classes, groups, counted repeats,
/// anchors, word boundaries and `\p{category}`. Backreferences and lookaround are refused. Matching
/// follows all paths of a Thompson automaton at once, so it costs at most
/// instructions × scalars steps.
struct Pattern: Sendable {
    let source: String
    private let program: PatternProgram

    /// - Throws: ``PatternError`` if `source` is not within the subset or its limits.
    init(_ source: String) throws(PatternError) {
        self.source = source
        program = try PatternProgram(PatternParser.parse(source))
    }

    /// Whether `text` holds a match anywhere, or nil once that took more than `budget` steps.
    ///
    /// What was used is taken from `budget`.
    func matches(_ text: String, budget: inout Int) -> Bool? {
        var run = PatternRun(program: program)
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            run.addStart(before: scalar, after: previous)
            if run.hasMatch { return true }
            budget -= run.steps
            run.steps = 0
            guard budget > 0 else { return nil }
            run.advance(over: scalar)
            previous = scalar
        }
        run.addStart(before: nil, after: previous)
        return run.hasMatch
    }
}

/// One walk of a pattern over a text: the set of instructions it may be at.
private struct PatternRun {
    private let instructions: [PatternProgram.Instruction]
    private(set) var threads: [Int] = []
    /// Where threads go on after the scalar just read.
    private var pending: [Int] = []
    /// The step in which an instruction was last entered, so that it is entered once a step.
    private var enteredAt: [Int]
    private var step = 0
    private var stack: [Int] = []
    private(set) var hasMatch = false
    /// The instructions looked at since this was last set to 0.
    var steps = 0

    init(program: PatternProgram) {
        instructions = program.instructions
        enteredAt = Array(repeating: -1, count: instructions.count)
    }

    /// Follows everything that reads nothing, from where threads go on and from the beginning.
    mutating func addStart(before next: Unicode.Scalar?, after previous: Unicode.Scalar?) {
        threads.removeAll(keepingCapacity: true)
        for thread in pending { follow(thread, before: next, after: previous) }
        follow(0, before: next, after: previous)
        pending.removeAll(keepingCapacity: true)
        step += 1
    }

    mutating func advance(over scalar: Unicode.Scalar) {
        for thread in threads {
            let isTaken =
                switch instructions[thread] {
                case .scalar(let wanted): wanted == scalar
                case .any: !ScalarSet.isLineEnd(scalar)
                case .set(let set): set.contains(scalar)
                default: false
                }
            if isTaken { pending.append(thread + 1) }
        }
    }

    private mutating func follow(
        _ start: Int, before next: Unicode.Scalar?, after previous: Unicode.Scalar?
    ) {
        stack.append(start)
        while let index = stack.popLast() {
            steps += 1
            guard enteredAt[index] != step else { continue }
            enteredAt[index] = step
            switch instructions[index] {
            case .scalar, .any, .set:
                threads.append(index)
            case .match:
                hasMatch = true
            case .jump(let target):
                stack.append(target)
            case .split(let first, let second):
                stack.append(second)
                stack.append(first)
            case .start:
                if previous == nil { stack.append(index + 1) }
            case .end:
                if next == nil { stack.append(index + 1) }
            case .boundary(let isInverted):
                let isBoundary =
                    (previous.map(ScalarSet.isWord) ?? false)
                    != (next.map(ScalarSet.isWord) ?? false)
                if isBoundary != isInverted { stack.append(index + 1) }
            }
        }
    }
}
