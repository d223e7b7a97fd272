internal import JSON
internal import Messages
internal import NIOCore
internal import Operations

/// The runs of an execution's nodes where they are more than an answer holds: read a page at a time and
/// written while the client reads, so that one page is in memory.
struct ExecutionsClientLargeRuns: Sendable {
    let operations: Operations
    let executionID: String
    let redaction: RedactionMode
    let caller: Caller

    /// Writes the execution with all of its runs.
    func write(
        _ execution: Execution, _ form: ExecutionsClientShapes.Form,
        _ shapes: ExecutionsClientShapes, to writer: AnswerWriter
    ) async throws {
        var json = JSONWriter()
        shapes.begin(execution, form, isTooLarge: false, to: &json)
        json.beginObject()
        let names = try await names()
        // Where no node ran twice their runs are in the order of their names.
        for name in names.isRepeated ? names.all.map(Optional.some) : [nil] {
            try await write(name, execution, &json, to: writer)
        }
        json.endObject()
        shapes.end(execution, to: &json)
        try await writer.write(json.finish().text)
    }

    /// Writes the runs of the nodes of one name, or of all nodes where no name comes twice.
    private func write(
        _ name: String?, _ execution: Execution, _ json: inout JSONWriter, to writer: AnswerWriter
    ) async throws {
        if let name {
            json.key(name)
            json.beginArray()
        }
        var index = 0
        var token: String?
        repeat {
            let page = try await page(.full, token)
            for node in page.nodeExecutions {
                defer { index += 1 }
                let own = ExecutionsClientShapes.name(node)
                guard node.status != .skipped, name == nil || name == own else { continue }
                if name == nil {
                    json.key(own)
                    json.beginArray()
                }
                ExecutionsClientShapes.write(
                    node, index: index, isRedacted: execution.redaction?.isRedacted == true,
                    to: &json)
                if name == nil { json.endArray() }
                try await writer.write(ByteBuffer(bytes: json.take()))
            }
            token = page.nextPageToken.isEmpty ? nil : page.nextPageToken
        } while token != nil
        if name != nil { json.endArray() }
    }

    /// The names of the nodes that ran, in the order in which they first did.
    private func names() async throws -> (all: [String], isRepeated: Bool) {
        var names: [String] = []
        var seen: Set<String> = []
        var isRepeated = false
        var token: String?
        repeat {
            let page = try await page(.basic, token)
            for node in page.nodeExecutions where node.status != .skipped {
                let name = ExecutionsClientShapes.name(node)
                if seen.insert(name).inserted { names.append(name) } else { isRepeated = true }
            }
            token = page.nextPageToken.isEmpty ? nil : page.nextPageToken
        } while token != nil
        return (names, isRepeated)
    }

    private func page(_ view: ExecutionView, _ token: String?) async throws
        -> ListNodeExecutionsResponse
    {
        try await offEventLoop {
            try await operations.listNodeExecutions(
                ListNodeExecutionsRequest(
                    executionID: executionID, pageSize: 1_000, pageToken: token ?? "", view: view,
                    redaction: redaction), by: caller)
        }
    }
}
