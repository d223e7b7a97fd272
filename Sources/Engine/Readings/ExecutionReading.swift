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
    private let payloads: Payloads

    /// Which node executions' payloads are kept: what bodies of a long loop did is much.
    enum Payloads {
        /// Of those at these places, in the order in which they first appeared.
        case at(Range<Int>)
        case of(path: String)
    }

    init(graph: WorkflowGraph?, limits: Limits, payloads: Payloads) {
        machine = graph.map { ExecutionMachine(graph: $0, limits: limits) }
        self.payloads = payloads
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
            keepInput(started.nodePath)
        case .nodeCompleted(let completed):
            update(completed.nodePath, completed.nodeID) { node in
                node.status = .completed
                node.attempt = completed.attempt
                node.endTime = time
                node.chosenHandle = completed.chosenHandle
                node.reused = completed.reused
                node.edited = completed.edited
                node.error = completed.handledError
                node.waitingUntil = nil
            }
            if let index = kept(completed.nodePath) {
                nodes[index].outputJSON = completed.outputJSON
                // What a replay takes over never starts.
                if completed.reused { keepInput(completed.nodePath) }
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
        case .nodeDelegated(let delegated):
            guard delegated.delegate == .child else { return }
            update(delegated.nodePath, delegated.nodeID) { $0.childID = delegated.reference }
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

    /// Where a node execution is whose payloads are kept.
    private func kept(_ path: String) -> Int? {
        guard let index = positions[path] else { return nil }
        switch payloads {
        case .at(let range): return range.contains(index) ? index : nil
        case .of(let wanted): return wanted == path ? index : nil
        }
    }

    /// A node's input is known while its graph is at work.
    private mutating func keepInput(_ path: String) {
        guard let index = kept(path), let machine, let ref = machine.ref(of: path) else { return }
        nodes[index].inputJSON = machine.input(of: ref)
    }

    /// A node execution with its payloads, if these were to be kept; nil if it never appeared.
    func node(_ path: String) -> NodeExecution? { positions[path].map { nodes[$0] } }
}

extension NodeExecution {
    /// Without its payloads.
    var basic: NodeExecution {
        var node = self
        node.inputJSON = ""
        node.outputJSON = ""
        node.error?.detailsJSON = ""
        return node
    }
}
