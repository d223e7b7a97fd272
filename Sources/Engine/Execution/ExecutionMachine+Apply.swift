internal import Messages
internal import Model

/// Folding: what each event does to the state. Never decides anything.
extension ExecutionMachine {
    /// Takes one event of the journal, in order.
    mutating func apply(_ event: ExecutionEvent) {
        sequence = event.sequence
        let time = event.time.map { WallTime($0) } ?? createdAt
        journalBytes += 48
        switch event.kind {
        case .executionCreated(let created):
            header = created
            status = .queued
            createdAt = time
            breakpoints = created.breakpoints
            traceLogs = created.traceLogs
            journalBytes += 256 + created.inputJSON.utf8.count
        case .executionDue:
            isDue = true
        case .executionStarted:
            status = .running
            startedAt = time
            withFrame(GraphFrame.root) { $0.begin() }
        case .executionSuspended(let suspended):
            status = .suspended
            reason = suspended.reason
        case .executionResumed:
            status = .running
            reason = .unspecified
        case .executionCompleted(let completed):
            end(.completed, time)
            outputJSON = completed.outputJSON
            journalBytes += completed.outputJSON.utf8.count
        case .executionFailed(let failed):
            end(.failed, time)
            reason = failed.reason
            error = failed.error
            endedBy = failed.endedBy
            endReason = failed.endReason
        case .executionCancelled(let cancelled):
            end(.cancelled, time)
            endedBy = cancelled.endedBy
            endReason = cancelled.endReason
        case .traceLogsChanged(let changed):
            traceLogs = changed.enabled
            interruptChanges += 1
        case .breakpointsDisabled:
            breakpoints = nil
            interruptChanges += 1
        case nil:
            break
        default:
            applyNode(event.kind, time)
        }
    }

    private mutating func end(_ status: ExecutionStatus, _ time: WallTime) {
        self.status = status
        reason = .unspecified
        endedAt = time
    }

    /// What is taken over from a source has a result and no beginning.
    private mutating func countRun(_ node: NodeRef) {
        let state = state(node)
        guard state.attempt == 0, state.startedAt == nil, state.output == nil else { return }
        nodeCount += 1
    }

    /// What a child's end tells of decisions.
    private mutating func noteChild(of node: NodeRef, isWithoutDecision: Bool) {
        if !isWithoutDecision, definition(node).isAwaitingChild { hasDecisions = true }
    }

    private mutating func applyNode(_ kind: ExecutionEvent.Kind?, _ time: WallTime) {
        switch kind {
        case .nodeStarted(let event):
            guard let node = ref(of: event.nodePath) else { return }
            countRun(node)
            currentNodeID = event.nodeID
            withFrame(node.frame) {
                $0.started(node.node, attempt: event.attempt, at: time)
            }
        case .nodeCompleted(let event):
            guard let node = ref(of: event.nodePath) else { return }
            journalBytes += event.outputJSON.utf8.count
            countRun(node)
            endNest(node)
            noteChild(of: node, isWithoutDecision: event.withoutDecision)
            update(node) { $0.attempt = max($0.attempt, event.attempt) }
            if event.held {
                // The interrupt that holds it follows in the same commit.
                update(node) {
                    $0.output = event.outputJSON
                    $0.heldHandle = event.chosenHandle
                }
                return
            }
            withFrame(node.frame) {
                $0.ended(
                    node.node, phase: .completed, output: event.outputJSON,
                    handle: event.chosenHandle)
            }
        case .nodeFailed(let event):
            guard let node = ref(of: event.nodePath) else { return }
            journalBytes +=
                (event.error?.message.utf8.count ?? 0)
                + (event.error?.detailsJSON.utf8.count ?? 0)
            countRun(node)
            endNest(node)
            noteChild(of: node, isWithoutDecision: event.withoutDecision)
            if let retry = event.retryTime {
                update(node) { $0.phase = .retrying(at: WallTime(retry)) }
            } else if event.routed {
                let output = NodeFailure.output(event.error ?? ExecutionError())
                withFrame(node.frame) {
                    $0.ended(node.node, phase: .failed, output: output, handle: "error")
                }
            } else {
                update(node) { $0.phase = .failed }
            }
        case .nodeSkipped(let event):
            guard let node = ref(of: event.nodePath) else { return }
            withFrame(node.frame) { $0.skipped(node.node) }
        case .nodeCancelled(let event):
            guard let node = ref(of: event.nodePath) else { return }
            endNest(node)
            update(node) { $0.phase = .cancelled }
        case .nodeInterrupted(let event):
            guard let node = ref(of: event.nodePath) else { return }
            update(node) { $0.interruptedAttempts += 1 }
            withFrame(node.frame) { $0.makeReady(node.node) }
        case .nodeWaiting(let event):
            guard let node = ref(of: event.nodePath), let until = event.until else {
                return
            }
            update(node) { $0.phase = .waiting(until: WallTime(until)) }
        case .interruptOpened(let event):
            guard var interrupt = event.interrupt else { return }
            interrupt.sequence = sequence
            interruptChanges += 1
            journalBytes += interrupt.message.utf8.count + interrupt.schemaJSON.utf8.count
            if interrupt.nodePath.isEmpty {
                pause = interrupt
                pauses += 1
                return
            }
            guard let node = ref(of: interrupt.nodePath) else { return }
            if interrupt.type == .breakpoint { return held(node, by: interrupt) }
            if interrupt.type != .pause { hasDecisions = true }
            update(node) { [interrupt] in
                $0.phase = .suspended(interrupt)
                $0.interrupts += 1
            }
        case .interruptClosed(let event):
            interruptChanges += 1
            journalBytes += event.dataJSON.utf8.count
            if event.nodePath.isEmpty {
                pause = nil
                return
            }
            guard let node = ref(of: event.nodePath) else { return }
            if case .suspended(let interrupt) = state(node).phase, interrupt.type == .breakpoint {
                return released(node, from: interrupt, event.outcome)
            }
            // What follows in the same commit says what becomes of the node.
            update(node) { $0.phase = .active }
        case .interruptVoted(let event):
            voted(event)
        case .interruptReminded(let event):
            reminded(event)
        case .nodeDelegated(let event):
            guard let node = ref(of: event.nodePath) else { return }
            if let kind = definition(node).action as? WorkflowNode, !kind.waits, kind.endsWithParent
            {
                dependents.append(event.referenceNumber)
            }
            update(node) {
                $0.phase = .delegated(
                    NodeState.Delegate(
                        kind: event.delegate, reference: event.reference,
                        number: event.referenceNumber))
            }
        case .nodeProgressed(let event):
            journalBytes += event.dataJSON.utf8.count
        case .loopStarted(let event):
            loopStarted(event)
        case .bodyStarted(let event):
            bodyStarted(event)
        case .bodyEnded(let event):
            bodyEnded(event)
        case .logWritten(let event):
            journalBytes += event.message.utf8.count
        default:
            break
        }
    }
}
