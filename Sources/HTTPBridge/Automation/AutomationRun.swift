internal import JSON
internal import Messages
internal import ProtobufRuntime

/// What a Socket.IO client is shown of one execution beside each event itself: a value that takes its
/// events in order.
struct AutomationRun {
    typealias Message = AutomationEvents.Message

    private var status = "running"
    private var source = "api"
    private var currentNodeID: String?
    private var pausedNodeID: String?
    private var pauseReason: String?
    private var error: String?
    /// Of the nodes at work, by their paths.
    private var kinds: [String: String] = [:]
    /// 0: of none.
    private(set) var batchNumber: Int64 = 0

    /// One that was just created.
    init() {}

    /// One that goes on.
    init(_ execution: Execution, _ nodes: [NodeExecution]) {
        status = AutomationWords.statuses[execution]
        source = AutomationWords.sources[execution.trigger]
        batchNumber = execution.batchNumber
        for node in nodes {
            switch node.status {
            case .completed, .failed, .skipped, .cancelled: break
            default: kinds[node.nodePath] = node.kind
            }
            if node.status == .running { currentNodeID = node.nodeID }
        }
    }

    mutating func messages(_ number: Int64, _ event: ExecutionEvent) -> [Message] {
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
    mutating func forgetEndedNode(_ event: ExecutionEvent) {
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
