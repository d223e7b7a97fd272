internal import Expressions
internal import JSON
internal import Messages

extension ExecutionMachine {
    /// What the expressions of a node see. Everything in it is recorded, so that a later attempt
    /// sees the same.
    func bindings(for ref: NodeRef) -> ExpressionBindings {
        let references = definition(ref).data.references
        var bindings = ExpressionBindings(input: JSONText(trusted: input(of: ref)))
        guard let frame = frame(ref.frame) else { return bindings }
        if references.contains("nodes") {
            for (index, state) in frame.nodes.enumerated() {
                let id = frame.graph.nodes[index].id
                if let output = state.output, references.contains(node: id) {
                    bindings.outputs[id] = JSONText(trusted: output)
                }
            }
        }
        if references.contains("last") {
            let last = frame.sources(of: ref.node).max {
                frame.nodes[$0].completion < frame.nodes[$1].completion
            }
            bindings.last = JSONText(trusted: last.flatMap { frame.nodes[$0].output } ?? "null")
        }
        if references.contains("execution") { bindings.execution = executionBinding() }
        return bindings
    }

    private func executionBinding() -> JSONText {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("id")
        writer.string(header.id)
        writer.key("number")
        writer.integer(header.number)
        writer.key("workflowId")
        writer.string(header.workflowID)
        writer.key("workflowVersion")
        writer.integer(header.workflowVersion)
        writer.key("key")
        writer.string(header.key)
        writer.key("triggeredBy")
        writer.string(header.triggeredBy)
        writer.key("input")
        writer.raw(JSONText(trusted: header.inputJSON.isEmpty ? "null" : header.inputJSON))
        writer.endObject()
        return writer.finish()
    }
}
