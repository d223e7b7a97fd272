internal import JSON
internal import Messages
internal import ProtobufRuntime

/// The journals of a workspace's executions in the Socket.IO events of the automation dialect, as a
/// value that takes the events of each execution in order: `execution-update` and `node-execution`, as
/// documented, and `execution-event`, as the product itself has it; and of its batches.
struct AutomationEvents {
    /// One event for a client.
    struct Message: Equatable {
        let name: String
        let data: JSONText
    }

    /// What is shown of an execution beside the event itself.
    fileprivate struct Run {
        var status = "running"
        var source = "api"
        var currentNodeID: String?
        var pausedNodeID: String?
        var pauseReason: String?
        var error: String?
        /// Of the nodes at work, by their paths.
        var kinds: [String: String] = [:]
        var batchNumber: Int64 = 0
    }

    /// Executions that are remembered; beyond it what was known of a node's kind is forgotten.
    private let executionsMax: Int
    private var runs: [Int64: Run] = [:]
    /// Batches whose beginning was told, and whose end was not.
    private var batches: Set<Int64> = []

    init(executionsMax: Int = 10_000) {
        self.executionsMax = executionsMax
    }

    /// Whether nothing is known yet of an execution that began earlier.
    func needsHistory(of number: Int64, before sequence: Int64) -> Bool {
        runs[number] == nil && sequence > 1
    }

    /// What happened to an execution before.
    mutating func remember(_ execution: Execution, _ nodes: [NodeExecution]) {
        var run = Run()
        run.status = AutomationWords.statuses[execution]
        run.source = AutomationWords.sources[execution.trigger]
        run.batchNumber = execution.batchNumber
        for node in nodes {
            switch node.status {
            case .completed, .failed, .skipped, .cancelled: break
            default: run.kinds[node.nodePath] = node.kind
            }
            if node.status == .running { run.currentNodeID = node.nodeID }
        }
        keep(run, execution.number)
    }

    mutating func messages(_ number: Int64, _ event: ExecutionEvent) -> [Message] {
        var run = runs[number] ?? Run()
        let messages = run.messages(number, event)
        run.forgetEndedNode(event)
        switch event.kind {
        case .executionCompleted, .executionFailed, .executionCancelled: runs[number] = nil
        default: keep(run, number)
        }
        return messages
    }

    /// The batch that `event` moves on, if it does.
    func batch(of number: Int64, after event: ExecutionEvent) -> Int64? {
        let batchNumber: Int64
        switch event.kind {
        case .executionCreated(let created): batchNumber = created.batchNumber
        case .executionStarted, .executionCompleted, .executionFailed, .executionCancelled:
            batchNumber = runs[number]?.batchNumber ?? 0
        default: return nil
        }
        return batchNumber == 0 ? nil : batchNumber
    }

    /// How a batch stands: `batch-update`, as documented, and `batch-start` and `batch-complete`, as
    /// the product itself has them.
    mutating func messages(_ batch: Batch) -> [Message] {
        var messages: [Message] = []
        let isFinal = batch.status != .running
        if !isFinal, batches.insert(batch.number).inserted {
            if batches.count > executionsMax { batches = [batch.number] }
            messages.append(
                Message(name: "batch-start") { json in
                    json.member("batchId", ExecutionName.batch(batch.number))
                    json.member("totalWorkflows", batch.total)
                    json.member("timestamp", milliseconds: batch.startTime)
                })
        }
        var update = JSONWriter()
        AutomationShapes.write(batch, to: &update)
        messages.append(Message(name: "batch-update", data: update.finish()))
        if isFinal, batches.remove(batch.number) != nil {
            messages.append(
                Message(name: "batch-complete") { json in
                    json.member("batchId", ExecutionName.batch(batch.number))
                    json.member("totalWorkflows", batch.total)
                    json.member("status", AutomationWords.batchStatuses[batch.status])
                    json.member("completed", batch.completed)
                    json.member("failed", batch.failed)
                    json.member("timestamp", milliseconds: batch.endTime)
                })
        }
        return messages
    }

    /// Nodes whose kinds are remembered, of all executions.
    var nodesRemembered: Int { runs.values.reduce(0) { $0 + $1.kinds.count } }

    private mutating func keep(_ run: Run, _ number: Int64) {
        if runs[number] == nil, runs.count >= executionsMax { runs.removeAll() }
        runs[number] = run
    }
}

extension AutomationEvents.Run {
    fileprivate typealias Message = AutomationEvents.Message

    fileprivate mutating func messages(_ number: Int64, _ event: ExecutionEvent) -> [Message] {
        switch event.kind {
        case .executionCreated(let created):
            status = "queued"
            source = AutomationWords.sources[created.trigger]
            batchNumber = created.batchNumber
            return [update(number)]
        case .executionStarted:
            status = "running"
            return [told(number, event, "execution_start"), update(number)]
        case .executionResumed:
            pausedNodeID = nil
            pauseReason = nil
            return [update(number)]
        case .executionSuspended:
            return [update(number)]
        case .executionCompleted:
            status = "completed"
            return [told(number, event, "execution_complete"), update(number)]
        case .executionFailed(let failed):
            let execution = Execution(status: .failed, reason: failed.reason)
            status = AutomationWords.statuses[execution]
            error = failed.error?.message
            return [told(number, event, "execution_error", message: error), update(number)]
        case .executionCancelled(let cancelled):
            status = "stopped"
            return [
                told(
                    number, event, "execution_error",
                    message: "stopped by \(cancelled.endedBy)"), update(number),
            ]
        default:
            return nodeMessages(number, event)
        }
    }

    /// A run may have any number of nodes, one for each item of its loops; those at work are few.
    fileprivate mutating func forgetEndedNode(_ event: ExecutionEvent) {
        switch event.kind {
        case .nodeCompleted(let completed): kinds[completed.nodePath] = nil
        case .nodeFailed(let failed) where failed.retryTime == nil: kinds[failed.nodePath] = nil
        case .nodeSkipped(let skipped): kinds[skipped.nodePath] = nil
        case .nodeCancelled(let cancelled): kinds[cancelled.nodePath] = nil
        default: break
        }
    }

    private mutating func nodeMessages(_ number: Int64, _ event: ExecutionEvent) -> [Message] {
        switch event.kind {
        case .nodeStarted(let started):
            kinds[started.nodePath] = started.kind
            currentNodeID = started.nodeID
            return [
                told(number, event, "node_start", started.nodeID),
                node(number, started.nodePath, started.nodeID, .running), update(number),
            ]
        case .nodeCompleted(let completed):
            return [
                told(
                    number, event, "node_complete", completed.nodeID,
                    data: completed.outputJSON),
                node(number, completed.nodePath, completed.nodeID, .completed),
            ]
        case .nodeFailed(let failed):
            let isFinal = failed.retryTime == nil
            return [
                told(
                    number, event, isFinal ? "node_error" : "log", failed.nodeID,
                    message: failed.error?.message, isSilent: failed.routed),
                node(
                    number, failed.nodePath, failed.nodeID, isFinal ? .failed : .running,
                    error: failed.error?.message),
            ]
        case .nodeSkipped(let skipped):
            return [node(number, skipped.nodePath, skipped.nodeID, .skipped)]
        case .nodeCancelled(let cancelled):
            return [node(number, cancelled.nodePath, cancelled.nodeID, .cancelled)]
        case .interruptOpened(let opened):
            guard let interrupt = opened.interrupt else { return [] }
            switch interrupt.type {
            case .breakpoint:
                pausedNodeID = interrupt.nodeID
                pauseReason = "breakpoint"
            case .pause:
                pausedNodeID = interrupt.nodeID
                pauseReason = "wait-pause"
            default: break
            }
            return [
                told(
                    number, event, "execution_paused", interrupt.nodeID,
                    message: interrupt.message),
                node(number, interrupt.nodePath, interrupt.nodeID, .suspended), update(number),
            ]
        case .interruptClosed(let closed):
            guard pausedNodeID == closed.nodeID else { return [] }
            let wasBreakpoint = pauseReason == "breakpoint"
            pausedNodeID = nil
            pauseReason = nil
            // The product tells of a breakpoint once the execution goes on from it.
            guard wasBreakpoint else { return [update(number)] }
            return [
                told(number, event, "breakpoint_triggered", closed.nodeID), update(number),
            ]
        case .logWritten(let written):
            return [told(number, event, "log", written.nodeID, message: written.message)]
        default:
            return []
        }
    }

    /// `execution-update`, as documented.
    private func update(_ number: Int64) -> Message {
        Message(name: "execution-update") { json in
            json.member("executionId", ExecutionName.execution(number))
            json.member("status", status)
            json.member("currentNodeId", currentNodeID)
            json.member("pausedNodeId", pausedNodeID)
            json.member("pauseReason", pauseReason)
            if let error { json.member("error", error) }
        }
    }

    /// `node-execution`, as documented.
    private func node(
        _ number: Int64, _ path: String, _ id: String, _ status: NodeStatus, error: String? = nil
    ) -> Message {
        Message(name: "node-execution") { json in
            json.member("executionId", ExecutionName.execution(number))
            json.member("nodeId", id)
            json.member("nodePath", path)
            json.member("nodeType", kinds[path])
            json.member("status", AutomationWords.nodeStatuses[status])
            if let error { json.member("error", error) }
        }
    }

    /// `execution-event`, the product's own.
    private func told(
        _ number: Int64, _ event: ExecutionEvent, _ type: String, _ nodeID: String? = nil,
        message: String? = nil, data: String = "", isSilent: Bool = false
    ) -> Message {
        Message(name: "execution-event") { json in
            json.member("executionId", ExecutionName.execution(number))
            json.member("source", source)
            json.member("type", type)
            if let nodeID { json.member("nodeId", nodeID) }
            if let message { json.member("message", message) }
            if !data.isEmpty { json.member("data", document: data) }
            if isSilent { json.member("failSilently", true) }
            json.member("timestamp", milliseconds: event.time)
        }
    }
}

extension AutomationEvents.Message {
    init(name: String, _ write: (inout JSONWriter) -> Void) {
        var json = JSONWriter()
        json.object(write)
        self.init(name: name, data: json.finish())
    }
}
