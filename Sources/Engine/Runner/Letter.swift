internal import JSON
internal import Messages
internal import Model
internal import Store

/// What arrives in a shard's mailbox.
enum Letter: Sendable {
    /// A trigger was committed: the execution lives here now, and somebody may wait for it.
    case adopt(LiveExecution, [ExecutionEffect], RestWaiter?)
    case committed(ExecutionNumber, CommitOutcome)
    case asked(ExecutionNumber, Asked)
    /// An evaluation or a body came back.
    case result(ExecutionNumber, ExecutionCommand)
    /// Its timer is due.
    case wake(ExecutionNumber, delays: WallTime)
    /// It got a slot of its workspace, which it holds.
    case start(ExecutionNumber, workspaceID: String)
    /// A message for it was committed.
    case inbox(ExecutionNumber)
    /// What its inbox held when it was read.
    case inboxRead(ExecutionNumber, Result<[InboxRow], EngineError>)
    /// It was RUNNING when the server ended.
    case recover(ExecutionNumber)
    case loaded(ExecutionNumber, LoadResult)
    case wait(ExecutionNumber, RestWaiter)
    case stopWaiting(ExecutionNumber, Int)
    /// The first of the deadlines that were known when it was posted has passed.
    case waitsDue
    /// The store says that it has ended or is suspended.
    case rested(ExecutionNumber)
    /// No further bodies are to be started.
    case hold
}

extension Letter {
    /// Whether it is of an execution that was RUNNING when the server ended.
    var isRecovery: Bool {
        if case .recover = self { true } else { false }
    }

    /// Whether it says that there are messages.
    var isInbox: Bool {
        if case .inbox = self { true } else { false }
    }
}

/// What loading an execution gave.
enum LoadResult: Sendable {
    /// With what its inbox holds.
    case found(ExecutionMachine, RowMark, [InboxRow])
    case missing
    case failed(EngineError)
}

/// Somebody who waits for an execution to end or to be suspended.
struct RestWaiter: Sendable {
    let id: Int
    /// When it waits no longer.
    let deadline: ContinuousClock.Instant
    /// Called at most once, from the shard; with nil where the store has to be asked how it stands.
    let resume: @Sendable (RestedExecution?) -> Void
}

/// An execution that has ended, as it was committed: what its journal would tell, without reading it.
package struct RestedExecution: Sendable {
    let row: ExecutionRow
    let graph: WorkflowGraph
    let events: [ExecutionEvent]
}
