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
            bindings.outputs = outputs(around: frame) { references.contains(node: $0) }
        }
        if references.contains("last") {
            let last = frame.sources(of: ref.node).max {
                frame.nodes[$0].completion < frame.nodes[$1].completion
            }
            bindings.last = JSONText(trusted: last.flatMap { frame.nodes[$0].output } ?? "null")
        }
        bindScope(of: frame, references, &bindings)
        if references.contains("execution") { bindings.execution = executionBinding() }
        return bindings
    }

    /// The outputs of a frame's nodes and of those around its node, the inner ones first.
    private func outputs(around frame: GraphFrame, _ isWanted: (String) -> Bool) -> [String:
        JSONText]
    {
        var outputs: [String: JSONText] = [:]
        var next: GraphFrame? = frame
        while let frame = next {
            for (index, state) in frame.nodes.enumerated() {
                let id = frame.graph.nodes[index].id
                guard let output = state.output, outputs[id] == nil, isWanted(id) else { continue }
                outputs[id] = JSONText(trusted: output)
            }
            next = frame.body.flatMap { self.frame($0.owner.frame) }
        }
        return outputs
    }

    /// What the innermost loop runs for, and what the innermost clause caught.
    private func bindScope(
        of frame: GraphFrame, _ references: ExpressionReferences,
        _ bindings: inout ExpressionBindings
    ) {
        let wantsItem = references.contains("item") || references.contains("index")
        let wantsError = references.contains("error")
        var next = frame.body
        while wantsItem || wantsError, let body = next {
            if body.kind == .item, bindings.item == nil {
                bindings.item = JSONText(trusted: body.input)
                bindings.index = body.index
            }
            if wantsError, bindings.error == nil {
                bindings.error = body.error.map { JSONText(trusted: $0) }
            }
            next = self.frame(body.owner.frame)?.body
        }
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
