internal import JSON
internal import Messages
internal import Model

/// Inputs of new executions.
extension Engine {
    func checkedInput(_ new: NewExecution, graph: WorkflowGraph) throws(EngineError) -> String {
        try Self.checkedInput(new.inputJSON, graph: graph, limits: parts.limits)
    }

    /// The input of a new execution: JSON, not too large, and as the workflow's schema wants it.
    static func checkedInput(
        _ inputJSON: String, graph: WorkflowGraph, limits: Limits
    ) throws(EngineError) -> String {
        let schema = graph.inputSchema
        let input = inputJSON.isEmpty ? (schema == nil ? "null" : "{}") : inputJSON
        let size = input.utf8.count
        guard size <= limits.inputBytesMax else {
            throw EngineError(
                .invalidArgument, reason: "INPUT_TOO_LARGE",
                "input of \(size) bytes exceeds the limit of \(limits.inputBytesMax)",
                violations: [
                    EngineError.Violation(
                        field: "input_json",
                        description: "at most \(limits.inputBytesMax) bytes, got \(size)")
                ])
        }
        let faults: [JSONSchema.Fault]
        do throws(JSONError) {
            if let schema {
                faults = schema.validate(try JSONValue(parsing: input))
            } else {
                if !inputJSON.isEmpty { _ = try JSONText(validating: input) }
                faults = []
            }
        } catch {
            throw EngineError(
                .invalidArgument, reason: "INPUT_INVALID", "the input is no JSON: \(error)",
                violations: [
                    EngineError.Violation(field: "input_json", description: error.description)
                ])
        }
        guard let first = faults.first else { return input }
        throw EngineError(
            .invalidArgument, reason: "INPUT_INVALID",
            "the input does not satisfy the workflow's schema: \(first)",
            violations: faults.map {
                EngineError.Violation(field: "input_json\($0.pointer)", description: $0.message)
            })
    }
}
