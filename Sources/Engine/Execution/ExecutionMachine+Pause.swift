internal import Messages
internal import Model
internal import ProtobufRuntime

/// Pausing a whole execution, and going on at pauses and breakpoints.
///
/// A pause is an interrupt without a node. While it is open nothing is run: what is ready stays ready,
/// expressions that were evaluated meanwhile are evaluated again, and retries wait. What is at work ends,
/// timers and deadlines pass and answers are taken, each of which may leave further nodes ready.
extension ExecutionMachine {
    var isPaused: Bool { pause != nil }

    mutating func control(_ command: ControlCommand, _ turn: inout ExecutionTurn) {
        switch command.action {
        case .pause:
            guard !isPaused else {
                turn.decision.refusal = .pausedAlready
                return
            }
            emit(
                .interruptOpened(
                    InterruptOpened(
                        interrupt: Interrupt(
                            id: NodePath.pauseID(pauses + 1), type: .pause,
                            message: command.reason, createTime: turn.timestamp))), &turn)
        case .resume:
            guard isPaused else {
                turn.decision.refusal = .notPaused([])
                return
            }
            endPause(command, &turn)
        case .pauseControl(let action, let id):
            goOn(action, at: id, command, &turn)
        case .traceLogs(let enabled):
            guard enabled != traceLogs else { return }
            emit(
                .traceLogsChanged(TraceLogsChanged(enabled: enabled, changedBy: command.by)), &turn)
        }
    }

    private mutating func endPause(_ command: ControlCommand, _ turn: inout ExecutionTurn) {
        guard let pause else { return }
        emit(
            .interruptClosed(
                InterruptClosed(
                    interruptID: pause.id, outcome: .continued, respondedBy: command.by,
                    reason: command.reason)), &turn)
        resume(&turn)
    }

    /// Closes the pause of the whole execution, which ends.
    mutating func closePause(_ turn: inout ExecutionTurn) {
        guard let pause else { return }
        emit(
            .interruptClosed(InterruptClosed(interruptID: pause.id, outcome: .closed)), &turn)
    }

    /// What is left to say while nothing may be run: whether anything is still at work.
    mutating func restPaused(_ turn: inout ExecutionTurn) {
        switch status {
        case .running where !isAtWork, .suspended where reason != .pause:
            emit(.executionSuspended(ExecutionSuspended(reason: .pause)), &turn)
        default: break
        }
    }

    /// Whether anything goes on by itself, here or outside, timers aside.
    private var isAtWork: Bool {
        live.contains { node in
            switch state(node).phase {
            case .active, .resolving, .delegated: true
            default: false
            }
        }
    }

    /// Whether anything has to be done here.
    var isBusyHere: Bool {
        live.contains { node in
            switch state(node).phase {
            case .active, .resolving: true
            case .ready: !isPaused
            default: false
            }
        }
    }

    // MARK: Going on

    private mutating func goOn(
        _ action: PauseAction, at id: String?, _ command: ControlCommand,
        _ turn: inout ExecutionTurn
    ) {
        let held = interrupts.filter(\.isHold)
        let others = interrupts.filter { !$0.isHold }
        guard let first = held.first else {
            turn.decision.refusal =
                refusal(ofNamed: id, others) ?? .notPaused(others.map(\.id))
            return
        }
        var target = first
        if let id {
            guard let named = held.first(where: { $0.id == id }) else {
                turn.decision.refusal = refusal(ofNamed: id, others)
                return
            }
            target = named
        } else if held.count > 1, action == .continue || action == .skip {
            turn.decision.refusal = .ambiguous(held.map(\.id))
            return
        }
        switch action {
        case .continue:
            goOn(target, command, &turn)
        case .skip:
            skip(target, command, &turn)
        case .stop:
            cancel(by: command.by, reason: command.reason, &turn)
        case .continueWithoutBreakpoint:
            emit(
                .breakpointsDisabled(BreakpointsDisabled(disabledBy: command.by)), &turn)
            if id != nil || held.count == 1, target.type != .breakpoint {
                goOn(target, command, &turn)
            }
            for interrupt in held where interrupt.type == .breakpoint {
                goOn(interrupt, command, &turn)
            }
        case .unspecified, .unrecognized:
            break
        }
    }

    private func refusal(ofNamed id: String?, _ others: [Interrupt]) -> ExecutionRefusal? {
        guard let id else { return nil }
        if others.contains(where: { $0.id == id }) { return .needsAnswer(id) }
        return wasOpened(id) ? .interruptClosed(id) : .interruptUnknown(id)
    }

    private mutating func goOn(
        _ interrupt: Interrupt, _ command: ControlCommand, _ turn: inout ExecutionTurn
    ) {
        guard !interrupt.nodePath.isEmpty else {
            endPause(command, &turn)
            return
        }
        guard let node = ref(of: interrupt.nodePath) else { return }
        let who = InterruptResponse(reason: command.reason, respondedBy: command.by)
        close(node, .continued, who, &turn)
        if interrupt.type == .pause { complete(node, output: input(of: node), handle: "", &turn) }
    }

    private mutating func skip(
        _ interrupt: Interrupt, _ command: ControlCommand, _ turn: inout ExecutionTurn
    ) {
        guard interrupt.type == .breakpoint, interrupt.place == .pre,
            let node = ref(of: interrupt.nodePath), isSkippable(definition(node))
        else {
            turn.decision.refusal = .skipImpossible(interrupt.id)
            return
        }
        close(
            node, .skipped,
            InterruptResponse(reason: command.reason, respondedBy: command.by), &turn)
        bypass(node, &turn)
    }

    /// Not where it chooses an edge, and not where people decide, also within: a skip is no approval.
    /// Whom a child asks is not known before it runs, so that one that is waited for is not skipped either.
    private func isSkippable(_ node: WorkflowGraph.Node) -> Bool {
        node.action.handles.canContinue && !node.holdsDecision && !node.awaitsChild
    }
}

extension Interrupt {
    /// Whether it is continued and not answered: a breakpoint or a pause.
    var isHold: Bool { type == .breakpoint || type == .pause }

    /// Whether `Respond` may answer it: also the pause of a `wait` node, whose output the answer is.
    var takesAnswers: Bool { !isHold || type == .pause && !nodePath.isEmpty }
}
