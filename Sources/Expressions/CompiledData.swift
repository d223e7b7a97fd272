package import JSON

/// A node's `data`, or any JSON value, whose strings are templates.
///
/// What holds no expression is kept as text and spliced. Names of members are never templates.
package struct CompiledData: Sendable {
    /// Something wrong in the value, and where.
    package struct Fault: Sendable, Equatable {
        package var pointer: JSONPointer
        package var error: ExpressionError
    }

    /// An expression of the value, and where it stands.
    package typealias Place = (pointer: JSONPointer, expression: Expression)

    /// Why a value cannot be used: every fault in it, up to ``faultsMax``.
    package struct CompileError: Error, Sendable {
        package var faults: [Fault]
        /// The expressions that are sound so far, which jq may still find fault with.
        package var expressions: [Place]
    }

    private indirect enum Piece: Sendable {
        case text(JSONText)
        case template(Template)
        case array([Piece])
        case object([(String, Piece)])
    }

    /// The most faults listed.
    package static let faultsMax = 1_000

    /// Every expression with its place, in order.
    package let expressions: [Place]
    private let root: Piece

    /// The value, if it holds no expression.
    package var literal: JSONText? { if case .text(let text) = root { text } else { nil } }

    /// The secrets it names.
    package var secretNames: Set<String> { Set(expressions.compactMap(\.expression.secret)) }

    /// What its expressions may read, together.
    package var references: ExpressionReferences {
        var names: Set<String>? = []
        var nodes: Set<String>? = []
        for (_, expression) in expressions {
            let references = expression.references
            names = references.names.flatMap { names?.union($0) }
            if references.contains("nodes") {
                nodes = references.nodes.flatMap { nodes?.union($0) }
            }
        }
        return ExpressionReferences(names: names, nodes: nodes)
    }

    /// Compiles `value`.
    ///
    /// - Throws: ``CompileError`` with every string that is no sound template.
    package init(
        compiling value: JSONValue, limits: ExpressionLimits = .standard
    ) throws(CompileError) {
        var compiler = Compiler(limits: limits)
        let root = compiler.compile(value)
        guard compiler.faults.isEmpty else {
            throw CompileError(faults: compiler.faults, expressions: compiler.expressions)
        }
        self.root = root
        expressions = compiler.expressions
    }

    /// The value with every template resolved.
    ///
    /// - Throws: the ``ExpressionError`` of the first expression that gives no result.
    package func resolve(
        _ bindings: ExpressionBindings, with evaluator: ExpressionEvaluator, workspace: String
    ) async throws(ExpressionError) -> JSONText {
        var writer = JSONWriter()
        try await Self.write(
            root, to: &writer, bindings, with: evaluator, workspace: workspace)
        return writer.finish()
    }

    private static func write(
        _ piece: Piece, to writer: inout JSONWriter, _ bindings: ExpressionBindings,
        with evaluator: ExpressionEvaluator, workspace: String
    ) async throws(ExpressionError) {
        switch piece {
        case .text(let text):
            writer.raw(text)
        case .template(let template):
            if let expression = template.single {
                writer.raw(
                    try await evaluator.evaluate(expression, bindings, workspace: workspace))
                return
            }
            writer.string(
                try await evaluator.interpolate(template, bindings, workspace: workspace))
        case .array(let pieces):
            writer.beginArray()
            for piece in pieces {
                try await write(
                    piece, to: &writer, bindings, with: evaluator, workspace: workspace)
            }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for (name, piece) in members {
                writer.key(name)
                try await write(
                    piece, to: &writer, bindings, with: evaluator, workspace: workspace)
            }
            writer.endObject()
        }
    }

    private struct Compiler {
        let limits: ExpressionLimits
        var faults: [Fault] = []
        var expressions: [Place] = []
        private var path: [String] = []

        init(limits: ExpressionLimits) { self.limits = limits }

        mutating func compile(_ value: JSONValue) -> Piece {
            switch value {
            case .string(let text):
                return compile(text)
            case .array(let elements):
                return Self.joined(elements.enumerated().map { compile($1, at: String($0)) })
            case .object(let object):
                return Self.joined(
                    object.members.map { ($0.key, compile($0.value, at: $0.key)) })
            case .null, .bool, .number:
                return .text(JSONText(value))
            }
        }

        private mutating func compile(_ value: JSONValue, at token: String) -> Piece {
            path.append(token)
            defer { path.removeLast() }
            return compile(value)
        }

        private mutating func compile(_ text: String) -> Piece {
            let reading = Template.reading(text, limits: limits)
            let template = Template(parts: reading.parts)
            let pointer = JSONPointer(tokens: path)
            expressions += template.expressions.map { (pointer, $0) }
            for error in reading.errors where faults.count < CompiledData.faultsMax {
                faults.append(Fault(pointer: pointer, error: error))
            }
            if let literal = template.literal { return .text(JSONText(.string(literal))) }
            return .template(template)
        }

        /// The pieces as one text where all of them are text.
        private static func joined(_ pieces: [Piece]) -> Piece {
            var writer = JSONWriter()
            writer.beginArray()
            for piece in pieces {
                guard case .text(let text) = piece else { return .array(pieces) }
                writer.raw(text)
            }
            writer.endArray()
            return .text(writer.finish())
        }

        private static func joined(_ members: [(String, Piece)]) -> Piece {
            var writer = JSONWriter()
            writer.beginObject()
            for (name, piece) in members {
                guard case .text(let text) = piece else { return .object(members) }
                writer.key(name)
                writer.raw(text)
            }
            writer.endObject()
            return .text(writer.finish())
        }
    }
}
