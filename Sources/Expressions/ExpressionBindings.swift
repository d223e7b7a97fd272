package import JSON

/// What an expression sees: `.input`, `.nodes.<id>.output`, `.last`, `.item`, `.index`, `.error`, `.execution`.
///
/// The parts are JSON text and are spliced, not parsed, until an expression reads into them.
package struct ExpressionBindings: Sendable {
    /// `.input`: the node's input.
    package var input: JSONText
    /// `.nodes`: by node id, the outputs of the nodes that completed.
    package var outputs: [String: JSONText]
    /// `.last`: the output of the node that completed last.
    package var last: JSONText
    /// `.item`: the element that a body runs for.
    package var item: JSONText?
    /// `.index`: the position of that element, from 0.
    package var index: Int?
    /// `.error`: what was caught.
    package var error: JSONText?
    /// `.execution`: what is known of the execution; an object.
    package var execution: JSONText
    /// `.secrets`: by name, the marks that stand for secrets until a request is sent. No program
    /// reads them.
    package var secretMarks: [String: JSONText] = [:]

    package init(
        input: JSONText = .null, outputs: [String: JSONText] = [:], last: JSONText = .null,
        item: JSONText? = nil, index: Int? = nil, execution: JSONText = .null
    ) {
        self.input = input
        self.outputs = outputs
        self.last = last
        self.item = item
        self.index = index
        self.execution = execution
    }

    /// The part named `name` at the root, as JSON text; nil where nothing is bound to it.
    func part(_ name: String) -> JSONText? {
        switch name {
        case "input": input
        case "nodes": nodes(.everything)
        case "last": last
        case "item": item
        case "index": index.map { JSONText(.number(JSONNumber($0))) }
        case "error": error
        case "execution": execution
        default: nil
        }
    }

    /// The JSON text that a program runs on: an object of the parts in `references`.
    func document(_ references: ExpressionReferences) -> JSONText {
        var writer = JSONWriter()
        writer.beginObject()
        for name in ["input", "nodes", "last", "item", "index", "error", "execution"]
        where references.contains(name) {
            guard let part = name == "nodes" ? nodes(references) : part(name) else { continue }
            writer.key(name)
            writer.raw(part)
        }
        writer.endObject()
        return writer.finish()
    }

    private func nodes(_ references: ExpressionReferences) -> JSONText {
        var writer = JSONWriter()
        writer.beginObject()
        // Sorted, so that the same bindings always give the same text.
        for (id, output) in outputs.sorted(by: { $0.key < $1.key })
        where references.contains(node: id) {
            writer.key(id)
            writer.beginObject()
            writer.key("output")
            writer.raw(output)
            writer.endObject()
        }
        writer.endObject()
        return writer.finish()
    }
}
