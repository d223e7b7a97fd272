/// A regular expression whose matches are found in text, in time linear in it.
///
/// The same expressions as those of JSON Schema's `pattern`. Of matches that begin at one place the
/// longest counts; matches do not overlap; an empty match is none.
package struct TextPattern: Sendable {
    /// Why an expression was not taken.
    package struct Failure: Error, Sendable, Equatable {
        /// What was expected and found.
        package let message: String
    }

    private let program: PatternProgram

    package init(_ source: String) throws(Failure) {
        do throws(PatternError) {
            program = try PatternProgram(PatternParser.parse(source))
        } catch {
            throw Failure(message: error.message)
        }
    }

    /// Where `text` matches, in order; nil once that took more than `budget` steps.
    ///
    /// What was used is taken from `budget`.
    package func matches(in text: String, budget: inout Int) -> [Range<String.Index>]? {
        var found: [Range<String.Index>] = []
        let scalars = text.unicodeScalars
        var run = SearchRun(program.instructions)
        var index = scalars.startIndex
        var previous: Unicode.Scalar?
        while true {
            let next = index < scalars.endIndex ? scalars[index] : nil
            run.enter(at: index, before: next, after: previous)
            budget -= run.takeSteps()
            guard budget > 0 else { return nil }
            if let match = run.settled(isEnd: next == nil) {
                found.append(match)
                // From there on everything begins anew.
                run = SearchRun(program.instructions)
                index = match.upperBound
                previous = scalars[scalars.index(before: index)]
                continue
            }
            guard let next else { return found }
            run.advance(over: next)
            previous = next
            index = scalars.index(after: index)
        }
    }
}

/// One walk over a text that remembers where each thread began.
private struct SearchRun {
    private struct Thread {
        let instruction: Int
        let start: String.Index
    }

    private let instructions: [PatternProgram.Instruction]
    private var threads: [Thread] = []
    private var pending: [Thread] = []
    private var enteredAt: [Int]
    private var step = 0
    private var stack: [Int] = []
    private var steps = 0
    private var best: Range<String.Index>?

    init(_ instructions: [PatternProgram.Instruction]) {
        self.instructions = instructions
        enteredAt = Array(repeating: -1, count: instructions.count)
    }

    mutating func takeSteps() -> Int {
        defer { steps = 0 }
        return steps + 1
    }

    /// Follows everything that reads nothing; older threads first, so that they keep their place.
    mutating func enter(
        at index: String.Index, before next: Unicode.Scalar?, after previous: Unicode.Scalar?
    ) {
        threads.removeAll(keepingCapacity: true)
        for thread in pending { follow(thread, index, before: next, after: previous) }
        if best == nil {
            follow(
                Thread(instruction: 0, start: index), index, before: next, after: previous)
        }
        pending.removeAll(keepingCapacity: true)
        step += 1
    }

    /// The match that nothing can make longer or come before, if there is one.
    func settled(isEnd: Bool) -> Range<String.Index>? {
        guard let best else { return nil }
        return isEnd || threads.isEmpty ? best : nil
    }

    mutating func advance(over scalar: Unicode.Scalar) {
        for thread in threads {
            let isTaken =
                switch instructions[thread.instruction] {
                case .scalar(let wanted): wanted == scalar
                case .any: !ScalarSet.isLineEnd(scalar)
                case .set(let set): set.contains(scalar)
                default: false
                }
            if isTaken {
                pending.append(
                    Thread(instruction: thread.instruction + 1, start: thread.start))
            }
        }
    }

    private mutating func follow(
        _ thread: Thread, _ index: String.Index, before next: Unicode.Scalar?,
        after previous: Unicode.Scalar?
    ) {
        if let best, thread.start > best.lowerBound { return }
        stack.append(thread.instruction)
        while let place = stack.popLast() {
            steps += 1
            guard enteredAt[place] != step else { continue }
            enteredAt[place] = step
            switch instructions[place] {
            case .scalar, .any, .set:
                threads.append(Thread(instruction: place, start: thread.start))
            case .match:
                guard thread.start < index else { continue }
                // Threads come in the order in which they began: what is here began first.
                if best.map({ thread.start <= $0.lowerBound }) ?? true {
                    best = thread.start..<index
                    threads.removeAll { $0.start > thread.start }
                }
            case .jump(let target):
                stack.append(target)
            case .split(let first, let second):
                stack.append(second)
                stack.append(first)
            case .start:
                if previous == nil { stack.append(place + 1) }
            case .end:
                if next == nil { stack.append(place + 1) }
            case .boundary(let isInverted):
                let isBoundary =
                    (previous.map(ScalarSet.isWord) ?? false)
                    != (next.map(ScalarSet.isWord) ?? false)
                if isBoundary != isInverted { stack.append(place + 1) }
            }
        }
    }
}
