internal import Expressions
internal import JSON
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// How a node runs, ends and fails.
extension ExecutionMachine {
    /// Runs a node that is ready: at once if its data holds no expression.
    mutating func run(_ node: NodeRef, _ turn: inout ExecutionTurn) {
        let definition = definition(node)
        if definition.settings.isBypassed {
            bypass(node, &turn)
        } else if stops(before: node) {
            hold(node, at: .pre, &turn)
        } else if let data = definition.data.literal {
            step(node, data, &turn)
        } else {
            update(node) { $0.phase = .resolving }
            turn.decision.effects.append(
                .resolve(node: node, attempt: state(node).attempt + 1))
        }
    }

    /// Lets the node be done without doing anything: its input is its output. No breakpoint holds it.
    mutating func bypass(_ node: NodeRef, _ turn: inout ExecutionTurn) {
        emitStarted(node, &turn)
        emit(
            .nodeCompleted(
                NodeCompleted(
                    nodePath: path(node).description, nodeID: definition(node).id,
                    attempt: state(node).attempt, outputJSON: input(of: node),
                    chosenHandle: definition(node).action.handles.plain ?? "",
                    withoutDecision: isWithoutDecision(node, turn))), &turn)
    }

    mutating func resolved(
        _ node: NodeRef, _ attempt: Int32, _ result: Result<JSONText, NodeFailure>,
        _ turn: inout ExecutionTurn
    ) {
        let state = state(node)
        guard state.phase == .resolving, state.attempt + 1 == attempt else {
            turn.decision.refusal = .stale
            return
        }
        if isPaused {
            // Nothing of it is recorded: it is evaluated again when the pause ends.
            withFrame(node.frame) { $0.makeReady(node.node) }
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

    private mutating func emitStarted(_ node: NodeRef, _ turn: inout ExecutionTurn) {
        let definition = definition(node)
        emit(
            .nodeStarted(
                NodeStarted(
                    nodePath: path(node).description, nodeID: definition.id,
                    name: definition.name, kind: definition.kind,
                    attempt: state(node).attempt + 1)), &turn)
    }

    private mutating func step(_ node: NodeRef, _ data: JSONText, _ turn: inout ExecutionTurn) {
        emitStarted(node, &turn)
        let definition = definition(node)
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
                        nodePath: path(node).description, nodeID: definition.id,
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
                        nodePath: path(node).description, nodeID: definition.id,
                        until: Timestamp(until))), &turn)
        case .interrupt(let draft):
            open(draft, at: node, &turn)
        case .body(let body):
            turn.decision.effects.append(
                .startBody(
                    BodyStart(
                        node: node, path: path(node), attempt: state(node).attempt,
                        body: body, timeout: definition.settings.timeout)))
        case .loop(let items):
            beginLoop(node, items, &turn)
        case .attempt:
            beginBody(node, .try, 0, &turn)
        case .delegate(let delegation):
            delegate(node, delegation, &turn)
        }
    }

    mutating func bodyEnded(
        _ node: NodeRef, _ attempt: Int32, _ result: Result<String, NodeFailure>,
        _ turn: inout ExecutionTurn
    ) {
        let state = state(node)
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
        _ node: NodeRef, output: String, handle: String, _ turn: inout ExecutionTurn
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
        completed(
            node,
            NodeCompleted(
                nodePath: path(node).description, nodeID: definition(node).id,
                attempt: state(node).attempt, outputJSON: output, chosenHandle: handle,
                withoutDecision: isWithoutDecision(node, turn)), &turn)
    }

    /// Records a result, at which a breakpoint may hold the node.
    private mutating func completed(
        _ node: NodeRef, _ event: NodeCompleted, _ turn: inout ExecutionTurn
    ) {
        var event = event
        event.held = stops(after: node)
        emit(.nodeCompleted(event), &turn)
        if event.held { hold(node, at: .post, &turn) }
    }

    /// An attempt failed: another follows, or the error goes where the node says.
    /// - Parameter isRetryable: whether the node's `retry` is asked.
    mutating func fail(
        _ node: NodeRef, _ failure: NodeFailure, isRetryable: Bool = true,
        _ turn: inout ExecutionTurn
    ) {
        let definition = definition(node)
        let state = state(node)
        let path = path(node).description
        let error = ExecutionError(
            code: failure.code, message: failure.message,
            nodePath: failure.nodePath.isEmpty ? path : failure.nodePath,
            detailsJSON: failure.detailsJSON)
        var event = NodeFailed(
            nodePath: path, nodeID: definition.id, attempt: state.attempt, error: error,
            withoutDecision: isWithoutDecision(node, turn))
        // Attempts that a crash cut off are counted on their own.
        let attempt =
            state.attempt - state.interruptedAttempts
            - (frame(node.frame)?.body?.base.attempts ?? 0)
        if isRetryable,
            let delay = definition.settings.retry.delay(afterAttempt: attempt, code: failure.code)
        {
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
            completed(
                node,
                NodeCompleted(
                    nodePath: path, nodeID: definition.id, attempt: state.attempt,
                    outputJSON: NodeFailure.output(error),
                    chosenHandle: definition.action.handles.plain ?? "", handledError: error,
                    withoutDecision: event.withoutDecision),
                &turn)
        case .fail:
            emit(.nodeFailed(event), &turn)
            failFrame(of: node, error, &turn)
        }
    }

    /// What an execution that this error fails ends as.
    func reason(of error: ExecutionError) -> ExecutionReason {
        Self.timeCodes.contains(error.code) ? .timedOut : .nodeFailed
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
        tellFamily(error, &turn)
    }

    /// The execution's own graph has ended.
    mutating func complete(with output: String, _ turn: inout ExecutionTurn) {
        emit(.executionCompleted(ExecutionCompleted(outputJSON: output)), &turn)
        tellFamily(nil, &turn)
    }

    mutating func cancel(by principal: String, reason: String, _ turn: inout ExecutionTurn) {
        closeAll(&turn)
        emit(
            .executionCancelled(ExecutionCancelled(endedBy: principal, endReason: reason)), &turn)
        let why = reason.isEmpty ? "" : ": \(reason)"
        tellFamily(
            ExecutionError(code: "CHILD_CANCELLED", message: "cancelled by \(principal)\(why)"),
            &turn)
    }

    /// Closes every interrupt and cancels every node that is at work or waits.
    private mutating func closeAll(_ turn: inout ExecutionTurn) {
        for node in frame.live { cancelNode(NodeRef(node), &turn) }
        closePause(&turn)
    }

    /// Cancels one node, unless it has not begun.
    mutating func cancelNode(_ node: NodeRef, _ turn: inout ExecutionTurn) {
        let state = state(node)
        let path = path(node).description
        let id = definition(node).id
        switch state.phase {
        case .suspended(let interrupt):
            withdrawEvent(interrupt, &turn)
            emit(
                .interruptClosed(
                    InterruptClosed(
                        interruptID: interrupt.id, nodePath: path, nodeID: id, outcome: .closed)),
                &turn)
            // It has completed.
            if interrupt.place == .post { return }
        case .active, .delegated:
            stop(node, &turn)
        case .nested:
            cancelBodies(of: node, &turn)
        case .resolving:
            turn.decision.effects.append(.stop(node))
        default: break
        }
        guard state.isOpen else { return }
        emit(
            .nodeCancelled(NodeCancelled(nodePath: path, nodeID: id, attempt: state.attempt)),
            &turn)
    }

    /// Attempts that were begun and are not at work here were cut off: they run again.
    mutating func recover(_ running: Set<NodeRef>, _ turn: inout ExecutionTurn) {
        for node in live
        where state(node).phase == .active && !running.contains(node) {
            let path = path(node).description
            let id = definition(node).id
            let attempt = state(node).attempt
            emit(
                .nodeInterrupted(
                    NodeInterrupted(nodePath: path, nodeID: id, attempt: attempt)), &turn)
            let count = state(node).interruptedAttempts
            guard count >= Int32(limits.interruptedAttemptsMax) else { continue }
            let error = ExecutionError(
                code: "CRASHED",
                message:
                    "the server ended \(count) times while the node was at work, which is the limit",
                nodePath: path)
            emit(
                .nodeFailed(
                    NodeFailed(nodePath: path, nodeID: id, attempt: attempt, error: error)), &turn)
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
            event.held = false
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
