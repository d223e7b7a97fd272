internal import JSON
internal import Messages
internal import NIOCore
internal import Operations

/// The runs of an execution's nodes where they are more than an answer holds: read a page at a time and
/// written while the client reads, so that one page is in memory.
struct ExecutionsClientLargeRuns: Sendable {
    /// Bytes of runs that wait for those of a name before them.
    private static let keptBytesMax = 8 << 20

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
        if names.isRepeated {
            var rest = names.all[...]
            while !rest.isEmpty { rest = try await write(rest, execution, &json, to: writer) }
        } else {
            try await write(execution, &json, to: writer)
        }
        json.endObject()
        shapes.end(execution, to: &json)
        try await writer.write(json.finish().text)
    }

    /// Writes the runs of all nodes, of which none has another's name: they come in the order of the names.
    private func write(
        _ execution: Execution, _ json: inout JSONWriter, to writer: AnswerWriter
    ) async throws {
        try await forEachNode { node, index in
            json.key(ExecutionsClientShapes.name(node))
            json.beginArray()
            json.raw(Self.run(node, index, execution))
            json.endArray()
            try await writer.write(ByteBuffer(bytes: json.take()))
        }
    }

    /// Reads all nodes once, and writes the runs of the first of `names` as they come and then those of as
    /// many of the next as may be kept meanwhile.
    /// - Returns: the names that are still to be written.
    private func write(
        _ names: ArraySlice<String>, _ execution: Execution, _ json: inout JSONWriter,
        to writer: AnswerWriter
    ) async throws -> ArraySlice<String> {
        let names = Array(names)
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        var kept: [[JSONText]] = Array(repeating: [], count: names.count)
        var keptByteCount = 0
        json.key(names[0])
        json.beginArray()
        try await forEachNode { node, index in
            guard let place = places[ExecutionsClientShapes.name(node)], place < kept.count else {
                return
            }
            let run = Self.run(node, index, execution)
            if place == 0 {
                json.raw(run)
                return try await writer.write(ByteBuffer(bytes: json.take()))
            }
            kept[place].append(run)
            keptByteCount += run.text.utf8.count
            while keptByteCount > Self.keptBytesMax, kept.count > 1 {
                keptByteCount -= kept.removeLast().reduce(0) { $0 + $1.text.utf8.count }
            }
        }
        json.endArray()
        for (name, runs) in zip(names, kept).dropFirst() {
            json.key(name)
            json.beginArray()
            for run in runs { json.raw(run) }
            json.endArray()
            try await writer.write(ByteBuffer(bytes: json.take()))
        }
        return names.dropFirst(kept.count)
    }

    private static func run(_ node: NodeExecution, _ index: Int, _ execution: Execution) -> JSONText
    {
        var json = JSONWriter()
        ExecutionsClientShapes.write(
            node, index: index, isRedacted: execution.redaction?.isRedacted == true, to: &json)
        return json.finish()
    }

    /// Calls `body` with each node that ran and its place among all, with its data.
    private func forEachNode(_ body: (NodeExecution, Int) async throws -> Void) async throws {
        var index = 0
        var token: String?
        repeat {
            let page = try await page(.full, token)
            for node in page.nodeExecutions {
                if node.status != .skipped { try await body(node, index) }
                index += 1
            }
            token = page.nextPageToken.isEmpty ? nil : page.nextPageToken
        } while token != nil
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
