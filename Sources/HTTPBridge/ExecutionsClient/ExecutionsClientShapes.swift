internal import JSON
internal import Messages
internal import ProtobufRuntime

/// Executions in the shape of the executions client.
struct ExecutionsClientShapes {
    /// What the single get shows more than the list.
    enum Form {
        case list
        case single
        /// As `single`, with the id as a number.
        case deleted
        /// One that was just made by a retry.
        case retried
    }

    /// With `data`, `workflowData` and `customData`; nil: without.
    var workflow: ExecutionsClientWorkflow?
    /// Whether `data` is shown.
    var hasData = false

    func write(_ execution: Execution, _ form: Form, to json: inout JSONWriter) {
        begin(execution, form, to: &json)
        if hasData {
            Self.writeRuns(
                execution.dataTooLarge ? [] : execution.nodeExecutions,
                isRedacted: execution.redaction?.isRedacted == true, to: &json)
        }
        end(execution, to: &json)
    }

    /// Writes everything before the runs of its nodes, which are to be written next where data is shown.
    func begin(
        _ execution: Execution, _ form: Form, isTooLarge: Bool? = nil, to json: inout JSONWriter
    ) {
        json.beginObject()
        writeMembers(execution, form, to: &json)
        guard hasData else { return }
        json.member("dataTooLargeToDisplay", isTooLarge ?? execution.dataTooLarge)
        json.key("data")
        json.beginObject()
        json.member("startData") { $0.object { _ in } }
        if let info = execution.redaction { Self.write(info, to: &json) }
        json.key("resultData")
        json.beginObject()
        json.key("runData")
    }

    /// Writes everything after the runs of its nodes.
    func end(_ execution: Execution, to json: inout JSONWriter) {
        if hasData {
            let last = execution.nodeExecutions.last { $0.status != .skipped }
            if let last { json.member("lastNodeExecuted", Self.name(last)) }
            if let error = execution.error { Self.write(error, to: &json) }
            json.endObject()
            json.endObject()
            json.key("workflowData")
            if let workflow { workflow.write(to: &json) } else { json.null() }
            json.key("customData")
            json.object { json in
                if !execution.key.isEmpty { json.member("key", execution.key) }
            }
        }
        json.endObject()
    }

    private func writeMembers(_ execution: Execution, _ form: Form, to json: inout JSONWriter) {
        json.key("id")
        if form == .deleted {
            json.integer(execution.number)
        } else {
            json.string("\(execution.number)")
        }
        json.member("finished", execution.status == .completed)
        json.member("mode", ExecutionsClientWords.modes[execution.trigger])
        json.member("retryOf", Self.retryOf(execution))
        json.member("retrySuccessId", Self.retrySuccess(execution))
        json.member("status", ExecutionsClientWords.states[execution])
        if form == .single || form == .deleted {
            json.member("createdAt", instant: execution.createTime)
            json.member("deletedAt", String?.none)
        }
        json.member("startedAt", instant: execution.startTime)
        json.member("stoppedAt", instant: Self.stoppedAt(execution))
        json.member("workflowId", execution.workflowID)
        if form != .retried || execution.waitingUntil != nil {
            json.member("waitTill", instant: execution.waitingUntil)
        }
        json.member("storedAt", "db")
        json.member("jsonSizeBytes", 0)
        json.member("workflowVersionId", "\(execution.workflowVersion)")
        if form == .single || form == .deleted { Self.writeDetails(execution, to: &json) }
    }

    private static func writeDetails(_ execution: Execution, to json: inout JSONWriter) {
        json.member("binaryDataSizeBytes", 0)
        json.key("tracingContext")
        if execution.traceparent.isEmpty {
            json.null()
        } else {
            json.object { $0.member("traceparent", execution.traceparent) }
        }
        json.member("deduplicationKey", execution.key.isEmpty ? nil : execution.key)
        json.member("usedPrivateCredentials", false)
    }

    /// The small object that tells what became of an execution that was stopped, with what a client
    /// needs to go on with it.
    func writeStopped(_ execution: Execution, to json: inout JSONWriter) {
        json.object { json in
            json.member("id", "\(execution.number)")
            json.member("workflowId", execution.workflowID)
            json.member("mode", ExecutionsClientWords.modes[execution.trigger])
            json.member("startedAt", instant: execution.startTime)
            if let stopped = execution.endTime { json.member("stoppedAt", instant: stopped) }
            json.member("finished", execution.status == .completed)
            json.member("status", ExecutionsClientWords.states[execution])
        }
    }

    private static func retryOf(_ execution: Execution) -> String? {
        execution.sourceNumber == 0 ? nil : "\(execution.sourceNumber)"
    }

    private static func retrySuccess(_ execution: Execution) -> String? {
        execution.retrySuccess.map { "\($0.number)" }
    }

    /// When it ended, or began to wait.
    private static func stoppedAt(_ execution: Execution) -> Timestamp? {
        if let end = execution.endTime { return end }
        guard ExecutionsClientWords.states[execution] == "waiting" else { return nil }
        return execution.interrupts.compactMap(\.createTime).max() ?? execution.startTime
    }

    // MARK: Data

    /// By node name; a node that ran several times has several runs.
    private static func writeRuns(
        _ nodes: [NodeExecution], isRedacted: Bool, to json: inout JSONWriter
    ) {
        var names: [String] = []
        var runs: [String: [(Int, NodeExecution)]] = [:]
        for (index, node) in nodes.enumerated() where node.status != .skipped {
            let name = name(node)
            if runs[name] == nil { names.append(name) }
            runs[name, default: []].append((index, node))
        }
        json.object { json in
            for name in names {
                json.key(name)
                json.array(runs[name] ?? []) { json, run in
                    write(run.1, index: run.0, isRedacted: isRedacted, to: &json)
                }
            }
        }
    }

    /// Under which its runs are shown.
    static func name(_ node: NodeExecution) -> String {
        node.name.isEmpty ? node.nodeID : node.name
    }

    private static func write(_ info: RedactionInfo, to json: inout JSONWriter) {
        json.key("redactionInfo")
        json.object { json in
            json.member("isRedacted", info.isRedacted)
            json.member("reason", ExecutionsClientWords.redactionReasons[info.reason])
            json.member("canReveal", info.canReveal)
        }
    }

    /// One run of a node.
    static func write(
        _ node: NodeExecution, index: Int, isRedacted: Bool, to json: inout JSONWriter
    ) {
        json.object { json in
            json.member("startTime", milliseconds: node.startTime)
            json.member(
                "executionTime",
                InstantShape.milliseconds(from: node.startTime, to: node.endTime) ?? 0)
            json.member("executionIndex", index)
            json.member("executionStatus", ExecutionsClientWords.nodeStatuses[node.status])
            json.member("source") { $0.array([Int]()) { json, _ in json.null() } }
            json.member("nodeId", node.nodeID)
            json.member("nodePath", node.nodePath)
            json.member("nodeType", node.kind)
            json.member("attempt", node.attempt)
            if !node.inputJSON.isEmpty {
                json.member("inputData") {
                    items(of: node.inputJSON, isRedacted: isRedacted, to: &$0)
                }
            }
            if !node.outputJSON.isEmpty {
                json.member("data") { items(of: node.outputJSON, isRedacted: isRedacted, to: &$0) }
            }
            if let error = node.error { write(error, to: &json) }
        }
    }

    /// A document as the API's items: those of an array of objects, else one; what is redacted is an
    /// item each without anything in it.
    private static func items(
        of document: String, isRedacted: Bool, to json: inout JSONWriter
    ) {
        json.object { json in
            json.key("main")
            json.beginArray()
            json.beginArray()
            let value = try? JSONValue(JSONText(trusted: document))
            if isRedacted {
                for _ in 0..<max(1, value?.arrayValue?.count ?? 1) { redactedItem(to: &json) }
            } else if let elements = value?.arrayValue,
                elements.allSatisfy({ $0.objectValue != nil })
            {
                for element in elements { json.object { $0.member("json") { $0.value(element) } } }
            } else if value?.objectValue != nil {
                json.object { $0.member("json", document: document) }
            } else {
                json.object { json in
                    json.member("json") { $0.object { $0.member("value", document: document) } }
                }
            }
            json.endArray()
            json.endArray()
        }
    }

    private static func redactedItem(to json: inout JSONWriter) {
        json.object { json in
            json.member("json") { $0.object { _ in } }
            json.member("redaction") { $0.object { $0.member("redacted", true) } }
        }
    }

    private static func write(_ error: ExecutionError, to json: inout JSONWriter) {
        json.key("error")
        json.object { json in
            json.member("name", error.code)
            json.member("message", error.message)
            if !error.nodePath.isEmpty {
                json.member("node") { $0.object { $0.member("name", error.nodePath) } }
            }
            if !error.detailsJSON.isEmpty { json.member("context", document: error.detailsJSON) }
        }
    }
}
