internal import Messages
internal import Redaction

/// Which fields hold what people and programs wrote: documents are masked as documents, the rest as
/// text. Principals, ids, names of workflows and nodes, and times are no payloads and stay.
extension Redactor {
    func redact(_ execution: inout Execution) {
        execution.inputJSON = redact(json: execution.inputJSON)
        execution.outputJSON = redact(json: execution.outputJSON)
        redact(&execution.error)
        execution.endReason = redact(text: execution.endReason)
        execution.key = redact(text: execution.key)
        for index in execution.interrupts.indices { redact(&execution.interrupts[index]) }
        for index in execution.nodeExecutions.indices { redact(&execution.nodeExecutions[index]) }
    }

    func redact(_ node: inout NodeExecution) {
        node.inputJSON = redact(json: node.inputJSON)
        node.outputJSON = redact(json: node.outputJSON)
        redact(&node.error)
    }

    func redact(_ error: inout ExecutionError?) {
        guard var masked = error else { return }
        masked.message = redact(text: masked.message)
        masked.detailsJSON = redact(json: masked.detailsJSON)
        error = masked
    }

    func redact(_ interrupt: inout Interrupt) {
        interrupt.message = redact(text: interrupt.message)
        for index in interrupt.votes.indices { redact(&interrupt.votes[index]) }
    }

    func redact(_ open: inout OpenInterrupt) {
        guard var interrupt = open.interrupt else { return }
        redact(&interrupt)
        open.interrupt = interrupt
    }

    func redact(_ vote: inout Vote) {
        vote.reason = redact(text: vote.reason)
        vote.dataJSON = redact(json: vote.dataJSON)
    }

    func redact(_ entry: inout LogEntry) {
        entry.message = redact(text: entry.message)
        entry.inputJSON = redact(json: entry.inputJSON)
        entry.outputJSON = redact(json: entry.outputJSON)
    }

    func redact(_ event: inout NamedEvent) {
        event.key = redact(text: event.key)
        event.dataJSON = redact(json: event.dataJSON)
    }

    func redact(_ delivery: inout WebhookDelivery) {
        delivery.message = redact(text: delivery.message)
    }

    /// Every kind is named: one that is added must say what of it is masked.
    func redact(_ event: inout ExecutionEvent) {
        switch event.kind {
        case .executionCreated(var created):
            created.inputJSON = redact(json: created.inputJSON)
            created.key = redact(text: created.key)
            event.kind = .executionCreated(created)
        case .executionCompleted(var completed):
            completed.outputJSON = redact(json: completed.outputJSON)
            event.kind = .executionCompleted(completed)
        case .executionFailed(var failed):
            redact(&failed.error)
            failed.endReason = redact(text: failed.endReason)
            event.kind = .executionFailed(failed)
        case .executionCancelled(var cancelled):
            cancelled.endReason = redact(text: cancelled.endReason)
            event.kind = .executionCancelled(cancelled)
        case .nodeCompleted(var completed):
            completed.outputJSON = redact(json: completed.outputJSON)
            redact(&completed.handledError)
            event.kind = .nodeCompleted(completed)
        case .nodeFailed(var failed):
            redact(&failed.error)
            event.kind = .nodeFailed(failed)
        case .interruptOpened(var opened):
            guard var interrupt = opened.interrupt else { return }
            redact(&interrupt)
            opened.interrupt = interrupt
            event.kind = .interruptOpened(opened)
        case .interruptVoted(var voted):
            guard var vote = voted.vote else { return }
            redact(&vote)
            voted.vote = vote
            event.kind = .interruptVoted(voted)
        case .interruptClosed(var closed):
            closed.reason = redact(text: closed.reason)
            closed.dataJSON = redact(json: closed.dataJSON)
            event.kind = .interruptClosed(closed)
        case .logWritten(var written):
            written.message = redact(text: written.message)
            event.kind = .logWritten(written)
        case .nodeProgressed(var progressed):
            progressed.dataJSON = redact(json: progressed.dataJSON)
            event.kind = .nodeProgressed(progressed)
        case .loopStarted(var started):
            started.itemsJSON = redact(json: started.itemsJSON)
            event.kind = .loopStarted(started)
        case .bodyEnded(var ended):
            ended.outputJSON = redact(json: ended.outputJSON)
            redact(&ended.error)
            event.kind = .bodyEnded(ended)
        case .executionStarted, .executionSuspended, .executionResumed, .nodeStarted,
            .nodeSkipped, .nodeCancelled, .nodeInterrupted, .nodeWaiting, .nodeDelegated,
            .bodyStarted, .traceLogsChanged, .breakpointsDisabled, .interruptReminded,
            .executionDue, nil:
            break
        }
    }
}
