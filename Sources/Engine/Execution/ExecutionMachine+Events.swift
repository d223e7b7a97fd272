internal import Messages
internal import Model
internal import Store

/// Named events: how a node comes to wait for one, and what its coming means.
extension ExecutionMachine {
    /// The interrupt waits for an event: one that came before is taken with the same commit.
    func awaitEvent(_ interrupt: Interrupt, _ turn: inout ExecutionTurn) {
        turn.decision.changes.append(
            .event(
                .enlist(
                    EventWait(
                        workspaceID: header.workspaceID, name: interrupt.eventName,
                        key: interrupt.correlationKey,
                        number: ExecutionNumber(rawValue: header.number),
                        interruptID: interrupt.id, nodePath: interrupt.nodePath),
                    since: turn.time.advanced(by: .zero - limits.eventRetention))))
        turn.decision.effects.append(.readInbox)
    }

    /// The interrupt was closed: no event is waited for any more.
    func withdrawEvent(_ interrupt: Interrupt, _ turn: inout ExecutionTurn) {
        guard interrupt.type == .event else { return }
        turn.decision.changes.append(
            .event(
                .withdraw(
                    ExecutionNumber(rawValue: header.number), interruptID: interrupt.id)))
    }

    mutating func eventDelivered(_ event: EventDelivered, _ turn: inout ExecutionTurn) {
        guard let node = ref(of: event.nodePath),
            case .suspended(let interrupt) = state(node).phase, interrupt.id == event.interruptID
        else {
            turn.decision.refusal = .stale
            return
        }
        if let deadline = interrupt.deadline, let published = event.publishTime,
            WallTime(deadline) <= WallTime(published)
        {
            // It came too late, although nobody had looked at the deadline yet.
            deadlinePassed(node, &turn)
            turn.decision.refusal = .stale
            return
        }
        close(
            node, .answered,
            InterruptResponse(
                interruptID: interrupt.id, dataJSON: event.dataJSON,
                respondedBy: event.publishedBy), &turn)
        complete(
            node, output: event.dataJSON.isEmpty ? "null" : event.dataJSON, handle: "", &turn)
    }
}
