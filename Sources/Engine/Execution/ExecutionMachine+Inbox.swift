internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// What goes on outside of the execution: how it is begun, what its messages mean, how it is given up.
extension ExecutionMachine {
    /// The node's work goes on outside; its rows go with the events.
    mutating func delegate(
        _ node: NodeRef, _ delegation: Delegation, _ turn: inout ExecutionTurn
    ) {
        let state = state(node)
        emit(
            .nodeDelegated(
                NodeDelegated(
                    nodePath: path(node).description, nodeID: definition(node).id,
                    attempt: state.attempt, delegate: delegation.kind,
                    reference: delegation.reference, referenceNumber: delegation.number)), &turn)
        turn.decision.changes += delegation.changes(attempt(at: node, turn))
    }

    /// Nobody wants the result of the attempt any more: what is at work for it here is stopped, and what
    /// goes on outside is told with the same commit.
    func stop(_ node: NodeRef, _ turn: inout ExecutionTurn) {
        turn.decision.effects.append(.stop(node))
        guard let kind = definition(node).action as? any DelegatingKind else { return }
        turn.decision.changes += kind.withdraw(attempt(at: node, turn))
    }

    private func attempt(at node: NodeRef, _ turn: ExecutionTurn) -> DelegatedAttempt {
        let state = state(node)
        var delegate: NodeState.Delegate?
        if case .delegated(let found) = state.phase { delegate = found }
        return DelegatedAttempt(
            header: header, path: path(node), nodeID: definition(node).id, attempt: state.attempt,
            startedAt: state.startedAt ?? turn.time, deadline: timeOutAt(node),
            lineage: lineage(of: node), delegate: delegate)
    }

    /// Takes a message; one about an attempt that is over is refused as stale.
    mutating func delivered(_ message: InboxMessage, _ turn: inout ExecutionTurn) {
        switch message.kind {
        case .taskEnded(let ended):
            guard let node = waiting(at: ended.nodePath, attempt: ended.attempt) else { break }
            if let error = ended.error {
                let failure = NodeFailure(
                    error.code, error.message, detailsJSON: error.detailsJSON)
                fail(node, failure, isRetryable: ended.retryable, &turn)
            } else {
                let output = ended.outputJSON.isEmpty ? input(of: node) : ended.outputJSON
                complete(node, output: output, handle: "", &turn)
            }
            return
        case .taskProgressed(let progress):
            guard let node = waiting(at: progress.nodePath, attempt: progress.attempt) else {
                break
            }
            emit(
                .nodeProgressed(
                    NodeProgressed(
                        nodePath: progress.nodePath, nodeID: definition(node).id,
                        attempt: progress.attempt, dataJSON: progress.dataJSON)), &turn)
            return
        case .taskLost(let lost):
            guard let node = waiting(at: lost.nodePath, attempt: lost.attempt) else { break }
            workerLost(at: node, &turn)
            return
        case .parentEnded(let ended):
            cancel(by: "execution:\(ended.parentID)", reason: ended.reason, &turn)
            return
        case .childEnded(let ended):
            childEnded(ended, &turn)
            return
        case .eventDelivered(let event):
            eventDelivered(event, &turn)
            return
        case nil:
            break
        }
        turn.decision.refusal = .stale
    }

    /// The worker was not heard of in time: another attempt is made, which a few times does not count as
    /// the node's failure.
    private mutating func workerLost(at node: NodeRef, _ turn: inout ExecutionTurn) {
        let state = state(node)
        let count = state.interruptedAttempts + 1
        guard count < Int32(limits.interruptedAttemptsMax) else {
            let failure = NodeFailure(
                "WORKER_LOST",
                "\(count) workers were not heard of in time while they had the task, which is the limit"
            )
            fail(node, failure, &turn)
            return
        }
        emit(
            .nodeInterrupted(
                NodeInterrupted(
                    nodePath: path(node).description, nodeID: definition(node).id,
                    attempt: state.attempt)), &turn)
    }

    /// The node at `path`, if this attempt of it waits for something outside.
    private func waiting(at path: String, attempt: Int32) -> NodeRef? {
        guard let node = ref(of: path), case .delegated = state(node).phase,
            state(node).attempt == attempt
        else { return nil }
        return node
    }

    /// Tells the parent that waits for it how it has ended, and the children that end with it, in the
    /// commit of the end.
    func tellFamily(_ error: ExecutionError?, _ turn: inout ExecutionTurn) {
        endDependents(&turn)
        guard header.parentWaits else { return }
        let message = InboxMessage(
            kind: .childEnded(
                ChildEnded(
                    nodePath: header.parentNodePath, childID: header.id, status: status,
                    outputJSON: outputJSON, error: error, withoutDecision: !hasDecisions)))
        turn.decision.changes.append(
            .insertInbox(
                InboxRow(message, to: ExecutionNumber(rawValue: header.parentNumber))))
    }
}
