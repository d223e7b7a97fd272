internal import Messages
internal import ProtobufRuntime
internal import Redaction

/// Executions as CSV (RFC 4180): a header row, then one row per node execution.
struct CSVExport: Sendable {
    let words: ExportWords
    let redactor: Redactor

    static let columns = [
        "execution_id", "workflow_id", "workflow_name", "status", "trigger", "started_at",
        "completed_at", "duration_ms", "node_id", "node_type", "node_name", "node_status",
        "node_started_at", "node_completed_at", "node_duration_ms", "node_error",
    ]

    static func begin(_ output: inout [UInt8]) {
        output.append(contentsOf: columns.joined(separator: ",").utf8)
        endRow(&output)
    }

    /// Appends the rows of one execution; with no nodes one row whose node columns are empty.
    func add(_ execution: Execution, _ nodes: [NodeExecution], to output: inout [UInt8]) {
        let start = [
            words.executionID(execution), execution.workflowID,
            redactor.redact(text: execution.workflowName), words.status(execution),
            words.trigger(execution), ExportTime.text(execution.startTime) ?? "",
            ExportTime.text(execution.endTime) ?? "",
            ExportTime.milliseconds(execution.startTime, execution.endTime).map(String.init) ?? "",
        ]
        guard !nodes.isEmpty else {
            return Self.row(start + Array(repeating: "", count: 8), to: &output)
        }
        for node in nodes {
            Self.row(
                start + [
                    words.nodeID(node), words.nodeType(node, execution),
                    redactor.redact(text: node.name), words.nodeStatus(node),
                    ExportTime.text(node.startTime) ?? "", ExportTime.text(node.endTime) ?? "",
                    ExportTime.milliseconds(node.startTime, node.endTime).map(String.init) ?? "",
                    redactor.redact(text: node.error?.message ?? ""),
                ], to: &output)
        }
    }

    private static func row(_ cells: [String], to output: inout [UInt8]) {
        for (index, cell) in cells.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            append(cell, to: &output)
        }
        endRow(&output)
    }

    private static func endRow(_ output: inout [UInt8]) { output += [0x0D, 0x0A] }

    /// Quoted where it must be. What a spreadsheet would take for a formula gets a `'` in front.
    static func append(_ cell: String, to output: inout [UInt8]) {
        let bytes = Array(cell.utf8)
        let isFormula = bytes.first.map { "=+-@\t\r".utf8.contains($0) } ?? false
        let isQuoted = bytes.contains { byte in
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0D || byte == 0x0A
        }
        if isQuoted { output.append(UInt8(ascii: "\"")) }
        if isFormula { output.append(UInt8(ascii: "'")) }
        for byte in bytes {
            if byte == UInt8(ascii: "\"") { output.append(byte) }
            output.append(byte)
        }
        if isQuoted { output.append(UInt8(ascii: "\"")) }
    }
}
