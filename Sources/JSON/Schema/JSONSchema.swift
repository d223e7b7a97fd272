/// A compiled JSON Schema (2020-12), of the subset that workflows use.
///
/// Checked: `type enum const`, the numeric, length, item and property bounds, `pattern`, `format`,
/// `properties additionalProperties required items prefixItems uniqueItems`, `allOf anyOf oneOf not
/// if then else`, `$defs` and `$ref` within the schema. Allowed as annotations: `title description
/// default examples $comment deprecated readOnly writeOnly`, and at the root `$schema $id`. Any other
/// keyword is refused when the schema is compiled, so that none is silently without effect.
///
/// Validation is bounded in depth, steps and faults, whatever the schema and the value.
package struct JSONSchema: Sendable {
    /// One thing that is wrong, and where: in the schema when it is compiled, in the value when that
    /// is validated.
    package struct Fault: Sendable, Equatable, CustomStringConvertible {
        package var pointer: JSONPointer
        package var message: String

        package init(pointer: JSONPointer, message: String) {
            self.pointer = pointer
            self.message = message
        }

        package var description: String {
            pointer.tokens.isEmpty ? message : "\(pointer): \(message)"
        }
    }

    /// Why a schema cannot be used.
    package struct CompileError: Error, Sendable, Equatable, CustomStringConvertible {
        /// Every fault found, up to ``JSONSchema/faultsMax``; never empty.
        package var faults: [Fault]

        package var description: String {
            faults.map(\.description).joined(separator: "; ")
        }
    }

    /// The most faults listed; more are not looked for.
    package static let faultsMax = 100
    /// The most subschemas in a schema.
    package static let nodesMax = 5_000
    /// The deepest nesting of subschemas applied within each other.
    package static let depthMax = 512
    /// The most steps of one validation: subschemas applied, names looked up, pattern steps.
    package static let stepsMax = 2_000_000

    let nodes: [SchemaNode]

    /// Compiles `value`.
    ///
    /// - Throws: ``CompileError`` with every fault and its place in the schema.
    package init(compiling value: JSONValue) throws(CompileError) {
        var compiler = SchemaCompiler()
        compiler.compile(value)
        guard compiler.faults.isEmpty else { throw CompileError(faults: compiler.faults) }
        nodes = compiler.nodes
    }

    /// The faults of `value`, with their places in it; empty if it is valid.
    package func validate(_ value: JSONValue) -> [Fault] {
        var validator = SchemaValidator(nodes: nodes)
        return validator.run(value)
    }
}
