internal import Expressions
internal import JSON
internal import Messages
internal import Model
internal import ProtobufRuntime

/// How a node runs, ends and fails.
extension ExecutionMachine {
    /// Runs a node that is ready: at once if its data holds no expression.
    mutating func run(_ node: Int, _ turn: inout ExecutionTurn) {
        let definition = graph.nodes[node]
        if definition.settings.isBypassed {
            emitStarted(node, &turn)
            complete(
                node, output: input(of: node), handle: definition.action.handles.plain ?? "", &turn)
        } else if let data = definition.data.literal {
            step(node, data, &turn)
        } else {
            frame.update(node) { $0.phase = .resolving }
            turn.decision.effects.append(
                .resolve(node: node, attempt: frame.nodes[node].attempt + 1))
        }
    }

    mutating func resolved(
        _ node: Int, _ attempt: Int32, _ result: Result<JSONText, NodeFailure>,
        _ turn: inout ExecutionTurn
    ) {
        let state = frame.nodes[node]
        guard state.phase == .resolving, state.attempt + 1 == attempt else {
            turn.decision.refusal = .stale
            return
        }
        switch result {
        case .success(let data):
            step(node, data, &turn)
        case .failure(let failure):
            emitStarted(node, &turn)
            fail(node, failure, &turn)
        }
    }

    private mutating func emitStarted(_ node: Int, _ turn: inout ExecutionTurn) {
        let definition = graph.nodes[node]
        emit(
            .nodeStarted(
                NodeStarted(
                    nodePath: frame.path(node).description, nodeID: definition.id,
                    name: definition.name, kind: definition.kind,
                    attempt: frame.nodes[node].attempt + 1)), &turn)
    }

    private mutating func step(_ node: Int, _ data: JSONText, _ turn: inout ExecutionTurn) {
        emitStarted(node, &turn)
        let definition = graph.nodes[node]
        let input = input(of: node)
        let context = NodeContext(input: input, data: data, time: turn.time)
        switch definition.action.step(context) {
        case .complete(let output, let handle):
            complete(node, output: output, handle: handle, &turn)
        case .fail(let failure):
            fail(node, failure, &turn)
        case .log(let level, let message):
            emit(
                .logWritten(
                    LogWritten(
                        nodePath: frame.path(node).description, nodeID: definition.id,
                        level: level, message: message)), &turn)
            complete(node, output: input, handle: "", &turn)
        case .wait(let until):
            guard until > turn.time else {
                complete(node, output: input, handle: "", &turn)
                return
            }
            emit(
                .nodeWaiting(
                    NodeWaiting(
                        nodePath: frame.path(node).description, nodeID: definition.id,
                        until: Timestamp(until))), &turn)
        case .interrupt(let draft):
            open(draft, at: node, &turn)
        case .body(let body):
            turn.decision.effects.append(
                .startBody(
                    BodyStart(
                        node: node, path: frame.path(node), attempt: frame.nodes[node].attempt,
                        body: body, timeout: definition.settings.timeout)))
        }
    }

    mutating func bodyEnded(
        _ node: Int, _ attempt: Int32, _ result: Result<String, NodeFailure>,
        _ turn: inout ExecutionTurn
    ) {
        let state = frame.nodes[node]
        guard state.phase == .active, state.attempt == attempt else {
            turn.decision.refusal = .stale
            return
        }
        switch result {
        case .success(let output):
            complete(node, output: output.isEmpty ? input(of: node) : output, handle: "", &turn)
        case .failure(let failure):
            fail(node, failure, &turn)
        }
    }

    mutating func complete(
        _ node: Int, output: String, handle: String, _ turn: inout ExecutionTurn
    ) {
        let size = output.utf8.count
        guard size <= limits.nodeOutputBytesMax else {
            fail(
                node,
                NodeFailure(
                    "OUTPUT_TOO_LARGE",
                    "output of \(size) bytes exceeds the limit of \(limits.nodeOutputBytesMax)"),
                &turn)
            return
        }
        emit(
            .nodeCompleted(
                NodeCompleted(
                    nodePath: frame.path(node).description, nodeID: graph.nodes[node].id,
                    attempt: frame.nodes[node].attempt, outputJSON: output, chosenHandle: handle)),
            &turn)
    }

    /// An attempt failed: another follows, or the error goes where the node says.
    mutating func fail(_ node: Int, _ failure: NodeFailure, _ turn: inout ExecutionTurn) {
        let definition = graph.nodes[node]
        let state = frame.nodes[node]
        let path = frame.path(node).description
        let error = ExecutionError(
            code: failure.code, message: failure.message, nodePath: path,
            detailsJSON: failure.detailsJSON)
        var event = NodeFailed(
            nodePath: path, nodeID: definition.id, attempt: state.attempt, error: error)
        // Attempts that a crash cut off are counted on their own.
        let attempt = state.attempt - state.interruptedAttempts
        if let delay = definition.settings.retry.delay(afterAttempt: attempt, code: failure.code) {
            let retryAt = turn.time.advanced(by: delay)
            event.retryTime = Timestamp(retryAt)
            emit(.nodeFailed(event), &turn)
            return
        }
        switch definition.settings.onError {
        case .route:
            event.routed = true
            emit(.nodeFailed(event), &turn)
        case .continue:
            emit(
                .nodeCompleted(
                    NodeCompleted(
                        nodePath: path, nodeID: definition.id, attempt: state.attempt,
                        outputJSON: NodeFailure.output(error),
                        chosenHandle: definition.action.handles.plain ?? "", handledError: error)),
                &turn)
        case .fail:
            emit(.nodeFailed(event), &turn)
            let isLate = Self.timeCodes.contains(failure.code)
            failExecution(isLate ? .timedOut : .nodeFailed, error, &turn)
        }
    }

    /// The errors of a time that passed.
    private static let timeCodes: Set<String> = ["NODE_TIMED_OUT", "DEADLINE_PASSED"]

    mutating func failExecution(
        _ reason: ExecutionReason, _ error: ExecutionError, endedBy: String = "",
        endReason: String = "", _ turn: inout ExecutionTurn
    ) {
        closeAll(&turn)
        emit(
            .executionFailed(
                ExecutionFailed(
                    reason: reason, error: error, endedBy: endedBy, endReason: endReason)), &turn)
    }

    /// Closes every interrupt and cancels every node that is at work or waits.
    mutating func closeAll(_ turn: inout ExecutionTurn) {
        var hasBodies = false
        for node in graph.nodes.indices {
            let state = frame.nodes[node]
            guard state.isOpen else { continue }
            let path = frame.path(node).description
            let id = graph.nodes[node].id
            if case .suspended(let interrupt) = state.phase {
                emit(
                    .interruptClosed(
                        InterruptClosed(
                            interruptID: interrupt.id, nodePath: path, nodeID: id, outcome: .closed)
                    ),
                    &turn)
            }
            if state.phase == .active { hasBodies = true }
            emit(
                .nodeCancelled(
                    NodeCancelled(nodePath: path, nodeID: id, attempt: state.attempt)), &turn)
        }
        if hasBodies { turn.decision.effects.append(.stopBodies) }
    }

    /// Attempts that were begun and are not at work here were cut off: they run again.
    mutating func recover(_ running: Set<Int>, _ turn: inout ExecutionTurn) {
        for node in graph.nodes.indices
        where frame.nodes[node].phase == .active && !running.contains(node) {
            let path = frame.path(node).description
            emit(
                .nodeInterrupted(
                    NodeInterrupted(
                        nodePath: path, nodeID: graph.nodes[node].id,
                        attempt: frame.nodes[node].attempt)), &turn)
            let count = frame.nodes[node].interruptedAttempts
            guard count >= Int32(limits.interruptedAttemptsMax) else { continue }
            let error = ExecutionError(
                code: "CRASHED",
                message:
                    "the server ended \(count) times while the node was at work, which is the limit",
                nodePath: path)
            emit(
                .nodeFailed(
                    NodeFailed(
                        nodePath: path, nodeID: graph.nodes[node].id,
                        attempt: frame.nodes[node].attempt, error: error)), &turn)
            failExecution(.crashed, error, &turn)
            return
        }
    }

    /// Records a result of the execution that this one replays.
    mutating func takeOver(_ result: TakenResult, _ turn: inout ExecutionTurn) {
        let path = frame.path(result.node).description
        let id = graph.nodes[result.node].id
        switch result.outcome {
        case .completed(var event):
            event.nodePath = path
            event.nodeID = id
            event.reused = true
            emit(.nodeCompleted(event), &turn)
        case .routed(var event):
            event.nodePath = path
            event.nodeID = id
            emit(.nodeFailed(event), &turn)
        case .skipped:
            emit(.nodeSkipped(NodeSkipped(nodePath: path, nodeID: id)), &turn)
        }
    }
}
