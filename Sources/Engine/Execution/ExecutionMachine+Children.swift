internal import Cryptography
internal import Messages
internal import Model
internal import Store

/// A child execution that is made with its parent's next commit.
struct ReadyChild: Sendable {
    let number: ExecutionNumber
    let header: ExecutionCreated
    /// Its own rows.
    let changes: [Change]

    var id: String { header.id }
}

/// Child executions: how they are begun, what their end means, who is told of the parent's end.
extension ExecutionMachine {
    /// The child that a node asked for can be made, or cannot. It exists if, and only if, the commit
    /// that says so is written.
    mutating func childReady(
        _ node: NodeRef, _ attempt: Int32, _ result: Result<ReadyChild, NodeFailure>,
        _ turn: inout ExecutionTurn
    ) {
        let state = state(node)
        guard state.phase == .active, state.attempt == attempt,
            let kind = definition(node).action as? WorkflowNode
        else {
            turn.decision.refusal = .stale
            return
        }
        switch result {
        case .failure(let failure):
            fail(node, failure, &turn)
        case .success(let child):
            delegate(
                node,
                Delegation(
                    kind: .child, reference: child.id, number: child.number.rawValue
                ) { _ in child.changes }, &turn)
            turn.decision.effects.append(.enqueueChild(child))
            guard !kind.waits else { return }
            complete(
                node, output: #"{"id":"\#(child.id)","number":\#(child.number.rawValue)}"#,
                handle: "", &turn)
        }
    }

    mutating func childEnded(_ ended: ChildEnded, _ turn: inout ExecutionTurn) {
        guard let node = ref(of: ended.nodePath),
            case .delegated(let delegate) = state(node).phase, delegate.kind == .child,
            delegate.reference == ended.childID
        else {
            turn.decision.refusal = .stale
            return
        }
        turn.endedChild = ended
        defer { turn.endedChild = nil }
        guard let error = ended.error else {
            complete(node, output: ended.outputJSON, handle: "", &turn)
            return
        }
        fail(
            node,
            NodeFailure(
                error.code, "child execution \(delegate.number): \(error.message)",
                detailsJSON: error.detailsJSON), &turn)
    }

    /// Whether nobody was asked for a decision in the child that the node waits for, as its result is to
    /// say; false where nothing tells, and for nodes that wait for none.
    func isWithoutDecision(_ node: NodeRef, _ turn: ExecutionTurn) -> Bool {
        guard definition(node).isAwaitingChild else { return false }
        // Where none was begun, there was nobody to ask.
        guard case .delegated = state(node).phase else { return true }
        return turn.endedChild?.withoutDecision ?? false
    }

    /// What the id of the child of this attempt is made of: the same whenever it is asked for.
    func childID(of node: NodeRef) -> ExecutionID {
        let digest = Digest.sha256.hash("\(header.id)/\(lineage(of: node))".utf8)
        func half(_ range: Range<Int>) -> UInt64 {
            digest[range].reduce(0) { $0 << 8 | UInt64($1) }
        }
        let milliseconds = ExecutionID(header.id).map { Int64($0.high >> 16) } ?? 0
        return ExecutionID(
            time: WallTime(microseconds: milliseconds * 1_000),
            random: (half(0..<8), half(8..<16)))
    }

    /// What tells an attempt's child from those of others: the node's path and the attempt, without
    /// those that a crash cut off.
    func lineage(of node: NodeRef) -> String {
        let state = state(node)
        return "\(path(node))@\(state.attempt - state.interruptedAttempts)"
    }

    /// Tells the children that nobody waits for, and that are to end with it, that it has ended.
    func endDependents(_ turn: inout ExecutionTurn) {
        for child in dependents {
            turn.decision.changes.append(WorkflowNode.end(child, of: header))
        }
    }
}
