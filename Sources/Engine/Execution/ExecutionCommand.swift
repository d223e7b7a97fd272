internal import JSON
internal import Messages
internal import Model
internal import Store

/// What can be asked of an execution or happen to it.
enum ExecutionCommand: Sendable {
    /// It got a slot.
    case start
    /// What a node's expressions yielded, before attempt `attempt`.
    case resolved(node: NodeRef, attempt: Int32, Result<JSONText, NodeFailure>)
    /// A body came back with its output, a JSON document, or failed.
    case bodyEnded(node: NodeRef, attempt: Int32, Result<String, NodeFailure>)
    /// The child that a node asked for can be made, or cannot.
    case childReady(node: NodeRef, attempt: Int32, Result<ReadyChild, NodeFailure>)
    /// A message of its inbox.
    case delivered(InboxMessage)
    /// Timers: instants up to the command's time and delays up to `delays` have passed.
    case timersFired(delays: WallTime)
    case respond(InterruptResponse)
    case cancel(by: String, reason: String)
    case control(ControlCommand)
    /// It was folded from its journal; the bodies of `running` nodes are still at work here.
    case recovered(running: Set<NodeRef>)
    /// What one decision left for the next is to be done.
    case goOn
}

/// What the runner must do, once the events decided with it are committed.
enum ExecutionEffect: Sendable {
    /// Evaluate the node's expressions. Needs no commit: it touches nothing outside.
    case resolve(node: NodeRef, attempt: Int32)
    case startBody(BodyStart)
    /// There may be a message: the commit may have found one.
    case readInbox
    /// An event went back to the store, which may have found others that wait for it.
    case tellRecipients(event: Int64)
    /// A child execution was made: it waits for its places and a slot.
    case enqueueChild(ReadyChild)
    /// Stop what is at work for the node.
    case stop(NodeRef)
    /// Decide on: there was more to do than one commit should hold.
    case goOn
    /// Have it wait for its places and a slot: the instant it was triggered for has come.
    case enqueue
}

/// One attempt that touches the outside.
struct BodyStart: Sendable {
    let node: NodeRef
    let path: NodePath
    let attempt: Int32
    let body: NodeBody
    let timeout: Duration?
}

/// What became of a command.
struct ExecutionDecision: Sendable {
    /// In order; applied already.
    var events: [ExecutionEvent] = []
    /// Rows beside the execution's own, to be written with the events.
    var changes: [Change] = []
    var effects: [ExecutionEffect] = []
    var refusal: ExecutionRefusal?
}

/// Why a command was not taken.
enum ExecutionRefusal: Error, Sendable, Equatable {
    /// It has ended: what arrives after the terminal event is dropped.
    case final(ExecutionStatus)
    /// No interrupt is open.
    case notSuspended
    /// Several are open and none was named.
    case ambiguous([String])
    /// It was answered or closed before.
    case interruptClosed(String)
    case interruptUnknown(String)
    case answer(AnswerRefusal)
    /// It is meant for others.
    case notAssigned(String)
    /// Whoever triggered the execution may not decide.
    case selfApproval(String)
    /// This person approved it before.
    case votedAlready(String)
    /// It is a breakpoint or a pause, which is continued and not answered.
    case needsContinue(String)
    /// It waits for an answer or an event: nothing to continue.
    case needsAnswer(String)
    /// Nothing is paused; these interrupts wait for an answer.
    case notPaused([String])
    case pausedAlready
    /// It does not hold a node that can be bypassed before its start.
    case skipImpossible(String)
    /// The node or attempt it is about is no longer at work.
    case stale
}
