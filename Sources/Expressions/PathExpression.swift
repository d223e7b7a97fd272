internal import JSON

/// A plain path such as `.input.a.b[0]` or `.nodes["a-b"].output`, read without jq.
///
/// It gives what jq would give, and numbers keep their text.
struct PathExpression: Sendable, Equatable {
    enum Step: Sendable, Equatable {
        case key(String)
        case index(Int)
    }

    let steps: [Step]

    /// The path that `tokens` are, or nil if they are more than that.
    init?(_ tokens: [ExpressionLexer.Token]) {
        var steps: [Step] = []
        var kinds = tokens.map(\.kind)[...]
        while let kind = kinds.popFirst() {
            switch kind {
            case .field(let name):
                steps.append(.key(name))
            case .symbol("."):
                if case .string(let name?)? = kinds.first {
                    kinds.removeFirst()
                    steps.append(.key(name))
                } else if !steps.isEmpty || kinds.first != .symbol("[") {
                    return nil
                }
            case .symbol("["):
                // The root itself is written `.["name"]`; without the dot it would be an array.
                guard !steps.isEmpty || tokens.first?.kind == .symbol("."),
                    let step = Self.index(&kinds)
                else { return nil }
                steps.append(step)
            default:
                return nil
            }
        }
        guard !steps.isEmpty else { return nil }
        self.steps = steps
    }

    /// The name in `.secrets.NAME`.
    var secret: String? {
        guard steps.count == 2, steps[0] == .key("secrets"), case .key(let name) = steps[1] else {
            return nil
        }
        return name
    }

    private static func index(_ kinds: inout ArraySlice<ExpressionLexer.Token.Kind>) -> Step? {
        let isNegative = kinds.first == .symbol("-")
        if isNegative { kinds.removeFirst() }
        guard let kind = kinds.popFirst(), kinds.popFirst() == .symbol("]") else { return nil }
        switch kind {
        case .string(let name?) where !isNegative:
            return .key(name)
        case .number(let text) where text.utf8.count <= 9:
            return Int(text).map { .index(isNegative ? -$0 : $0) }
        default:
            return nil
        }
    }

    /// The value at the path.
    ///
    /// - Throws: ``ExpressionError`` `.failed` where a step does not fit what it meets. Null, and what
    ///   is missing, gives null.
    func evaluate(_ bindings: ExpressionBindings) throws(ExpressionError) -> JSONText {
        guard case .key(let name)? = steps.first else {
            throw Self.misfit("object", .index(0))
        }
        let (base, rest) = try base(named: name, bindings)
        guard let base else { return .null }
        guard !rest.isEmpty else { return base }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(base)
        } catch {
            throw ExpressionError(.failed, "the value of '\(name)' is not JSON: \(error)")
        }
        return JSONText(try Self.walk(value, rest))
    }

    /// The text to begin at and the steps into it; one node's output is not spliced with the others.
    private func base(
        named name: String, _ bindings: ExpressionBindings
    ) throws(ExpressionError) -> (JSONText?, ArraySlice<Step>) {
        if let secret { return (bindings.secretMarks[secret], []) }
        guard name == "nodes", steps.count >= 3 else {
            return (bindings.part(name), steps.dropFirst())
        }
        guard case .key(let id) = steps[1] else { throw Self.misfit("object", steps[1]) }
        guard let output = bindings.outputs[id] else { return (nil, []) }
        guard case .key(let member) = steps[2] else { throw Self.misfit("object", steps[2]) }
        return (member == "output" ? output : nil, steps.dropFirst(3))
    }

    private static func walk(
        _ value: JSONValue, _ steps: ArraySlice<Step>
    ) throws(ExpressionError) -> JSONValue {
        var value = value
        for step in steps {
            switch (step, value) {
            case (_, .null): return .null
            case (.key(let name), .object(let object)): value = object[name] ?? .null
            case (.index(let index), .array(let array)):
                value = value[index < 0 ? array.count + index : index] ?? .null
            default: throw misfit(value.typeName, step)
            }
        }
        return value
    }

    private static func misfit(_ type: String, _ step: Step) -> ExpressionError {
        switch step {
        case .key(let name):
            ExpressionError(.failed, "cannot index \(type) with \"\(name.prefix(64))\"")
        case .index: ExpressionError(.failed, "cannot index \(type) with number")
        }
    }
}
