internal import Messages
internal import Model
internal import ProtobufRuntime

/// Folds a journal into what people read of it: payloads, node executions, log lines. A value that
/// takes batches in order.
struct ExecutionReading {
    private(set) var inputJSON = ""
    private(set) var outputJSON = ""
    private(set) var lastSequence: Int64 = 0
    /// In the order they first appeared.
    private(set) var nodes: [NodeExecution] = []
    private var positions: [String: Int] = [:]
    /// Gives node inputs; nil where the definition is gone.
    private var machine: ExecutionMachine?

    init(graph: WorkflowGraph?, limits: Limits) {
        machine = graph.map { ExecutionMachine(graph: $0, limits: limits) }
    }

    mutating func add(_ batch: EventBatch) {
        for event in batch.events {
            machine?.apply(event)
            lastSequence = event.sequence
            add(event)
        }
    }

    private mutating func add(_ event: ExecutionEvent) {
        let time = event.time
        switch event.kind {
        case .executionCreated(let created): inputJSON = created.inputJSON
        case .executionCompleted(let completed): outputJSON = completed.outputJSON
        case .nodeStarted(let started):
            update(started.nodePath, started.nodeID) { node in
                if node.startTime == nil { node.startTime = time }
                node.name = started.name
                node.kind = started.kind
                node.status = .running
                node.attempt = started.attempt
                node.error = nil
                node.waitingUntil = nil
                node.endTime = nil
            }
        case .nodeCompleted(let completed):
            update(completed.nodePath, completed.nodeID) { node in
                node.status = .completed
                node.attempt = completed.attempt
                node.endTime = time
                node.outputJSON = completed.outputJSON
                node.chosenHandle = completed.chosenHandle
                node.reused = completed.reused
                node.edited = completed.edited
                node.error = completed.handledError
                node.waitingUntil = nil
            }
        case .nodeFailed(let failed):
            update(failed.nodePath, failed.nodeID) { node in
                node.status = failed.retryTime == nil ? .failed : .running
                node.error = failed.error
                node.waitingUntil = failed.retryTime
                node.endTime = failed.retryTime == nil ? time : nil
                node.chosenHandle = failed.routed ? "error" : ""
            }
        case .nodeSkipped(let skipped):
            update(skipped.nodePath, skipped.nodeID) { $0.status = .skipped }
        case .nodeCancelled(let cancelled):
            update(cancelled.nodePath, cancelled.nodeID) { node in
                node.status = .cancelled
                node.endTime = time
                node.waitingUntil = nil
            }
        case .nodeInterrupted(let interrupted):
            update(interrupted.nodePath, interrupted.nodeID) { $0.interruptedAttempts += 1 }
        case .nodeWaiting(let waiting):
            update(waiting.nodePath, waiting.nodeID) { $0.waitingUntil = waiting.until }
        case .interruptOpened(let opened):
            // A pause of all has no node; what a breakpoint holds behind it has completed.
            guard let interrupt = opened.interrupt, !interrupt.nodePath.isEmpty,
                interrupt.place != .post
            else { return }
            update(interrupt.nodePath, interrupt.nodeID) { $0.status = .suspended }
        case .interruptClosed(let closed):
            guard !closed.nodePath.isEmpty else { return }
            update(closed.nodePath, closed.nodeID) { node in
                if node.status == .suspended { node.status = .running }
            }
        default:
            break
        }
    }

    private mutating func update(
        _ path: String, _ id: String, _ change: (inout NodeExecution) -> Void
    ) {
        let index: Int
        if let known = positions[path] {
            index = known
        } else {
            index = nodes.count
            positions[path] = index
            var node = NodeExecution(nodePath: path, nodeID: id)
            if let machine, let ref = machine.ref(of: path) {
                let definition = machine.definition(ref)
                node.name = definition.name
                node.kind = definition.kind
            }
            nodes.append(node)
        }
        change(&nodes[index])
    }

    /// A node execution with its input; nil if it never appeared.
    func node(_ path: String) -> NodeExecution? { positions[path].map { whole($0) } }

    /// One node execution with its payloads.
    func whole(_ index: Int) -> NodeExecution {
        var node = nodes[index]
        if let machine, node.status != .skipped,
            let ref = machine.ref(of: node.nodePath)
        {
            node.inputJSON = machine.input(of: ref)
        }
        return node
    }

    /// Without its payloads.
    func basic(_ index: Int) -> NodeExecution {
        var node = nodes[index]
        node.outputJSON = ""
        node.error?.detailsJSON = ""
        return node
    }
}
