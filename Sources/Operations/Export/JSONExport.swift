internal import JSON
internal import Messages
internal import ProtobufRuntime
internal import Redaction

/// Executions as one JSON array, each with its node executions.
struct JSONExport: Sendable {
    let words: ExportWords
    let redactor: Redactor
    private var hasOne = false

    init(words: ExportWords, redactor: Redactor) {
        self.words = words
        self.redactor = redactor
    }

    static func begin(_ output: inout [UInt8]) { output.append(UInt8(ascii: "[")) }

    static func end(_ output: inout [UInt8]) { output.append(contentsOf: "]\n".utf8) }

    /// Appends one execution.
    mutating func add(_ execution: Execution, _ nodes: [NodeExecution], to output: inout [UInt8]) {
        if hasOne { output.append(contentsOf: ",\n".utf8) }
        hasOne = true
        var writer = JSONWriter()
        writer.beginObject()
        writer.add("executionId", words.executionID(execution))
        writer.add("workflowId", execution.workflowID)
        writer.add("workflowName", redactor.redact(text: execution.workflowName))
        writer.add("status", words.status(execution))
        writer.add("trigger", words.trigger(execution))
        writer.add("startedAt", ExportTime.text(execution.startTime))
        writer.add("completedAt", ExportTime.text(execution.endTime))
        writer.add(
            "durationMs", ExportTime.milliseconds(execution.startTime, execution.endTime))
        writer.key("nodeExecutions")
        writer.beginArray()
        for node in nodes { add(node, execution, to: &writer) }
        writer.endArray()
        writer.endObject()
        output.append(contentsOf: writer.finish().text.utf8)
    }

    private func add(_ node: NodeExecution, _ execution: Execution, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.add("nodeId", words.nodeID(node))
        writer.add("nodeType", words.nodeType(node, execution))
        writer.add("nodeName", redactor.redact(text: node.name))
        writer.add("status", words.nodeStatus(node))
        writer.add("startedAt", ExportTime.text(node.startTime))
        writer.add("completedAt", ExportTime.text(node.endTime))
        writer.add("durationMs", ExportTime.milliseconds(node.startTime, node.endTime))
        writer.add("error", node.error.map { redactor.redact(text: $0.message) })
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func add(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    fileprivate mutating func add(_ name: String, _ value: Int64?) {
        key(name)
        if let value { integer(value) } else { null() }
    }
}
