internal import Messages
internal import Model
internal import Store

/// Work that goes on outside of the execution: a worker's task, a child execution. A node's step gives
/// it, and what ends it comes back as an `InboxMessage`.
///
/// A delegated node is RUNNING, holds no slot and needs nobody here: its execution may leave memory, a
/// crash does not cut the attempt off, and its `timeout` is a timer.
struct Delegation {
    var kind: DelegateKind
    /// What `get` names as what it waits for: the child's id, the queue of the task.
    var reference: String
    /// The child's number; 0 for a task.
    var number: Int64 = 0
    /// Rows to write in the commit that starts the attempt. Pure.
    var changes: (DelegatedAttempt) -> [Change]
}

/// One attempt of a node whose work goes on outside.
struct DelegatedAttempt: Sendable {
    /// The execution: its id, number, workspace, priority, traceparent.
    let header: ExecutionCreated
    let path: NodePath
    let nodeID: String
    let attempt: Int32
    let startedAt: WallTime
    /// When the node's `timeout` ends it; nil: never.
    let deadline: WallTime?
    /// What tells this attempt from others: the path, and the attempt without those that a crash cut off.
    let lineage: String
    /// Where its work goes on; nil before that is said.
    let delegate: NodeState.Delegate?

    /// What a receiver can tell a repeat by: the same for all attempts.
    var token: String { IdempotencyToken.make(executionID: header.id, path: path) }
}

/// A kind whose work goes on outside.
protocol DelegatingKind: NodeKind {
    /// Rows to write in the commit that ends the attempt without a result from outside: the execution
    /// or an enclosing body ended, or the node's time is over. Pure.
    func withdraw(_ attempt: DelegatedAttempt) -> [Change]
}
