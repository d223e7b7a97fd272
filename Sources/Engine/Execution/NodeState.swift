internal import Messages
internal import Model

/// Where one node of a frame stands.
struct NodeState: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
        /// Not all of its incoming edges are resolved.
        case pending
        /// It can run now; nothing of that is journaled yet.
        case ready
        /// Its expressions are being evaluated; nothing of that is journaled yet.
        case resolving
        /// An attempt began.
        case active
        case waiting(until: WallTime)
        /// An attempt failed; the next begins then.
        case retrying(at: WallTime)
        case suspended(Interrupt)
        /// The attempt goes on outside: a worker's task, a child execution.
        case delegated(Delegate)
        /// Its bodies are at work, each in a frame of its own.
        case nested
        case completed
        case failed
        case skipped
        case cancelled
    }

    /// What a phase means for the execution as a whole.
    enum Standing: Sendable {
        /// Nothing is going on.
        case still
        case busy
        /// Busy, but nobody here has to do anything until a timer fires or a message comes.
        case resting
        case suspended
        /// What its bodies do counts.
        case nested
    }

    /// What a delegated node waits for.
    struct Delegate: Sendable, Equatable {
        let kind: DelegateKind
        /// The child's id, or the queue of the task.
        let reference: String
        /// The child's number.
        let number: Int64
    }

    var phase = Phase.pending
    /// The newest attempt, from 1.
    var attempt: Int32 = 0
    var interruptedAttempts: Int32 = 0
    /// Interrupts opened so far.
    var interrupts: Int32 = 0
    /// A breakpoint before it has let it go.
    var passedBreakpoint = false
    /// While a breakpoint behind it holds it: the handle that it chose.
    var heldHandle: String?
    var startedAt: WallTime?
    /// Its result, or the error it routes, once it has one.
    var output: String?
    /// Its place in the order of completion, from 1.
    var completion: Int32 = 0
    /// What its bodies used up in earlier attempts: theirs go on counting, so that no attempt and no
    /// interrupt is mistaken for another.
    var earlier = Used()
    /// The same with the attempt that is at work.
    var used = Used()

    /// The highest attempt, and the most interrupts, of any node within bodies.
    struct Used: Sendable, Equatable {
        var attempts: Int32 = 0
        var interrupts: Int32 = 0

        mutating func include(_ other: Used) {
            attempts = max(attempts, other.attempts)
            interrupts = max(interrupts, other.interrupts)
        }
    }

    /// Whether it has begun and not ended.
    var isOpen: Bool {
        switch phase {
        case .active, .waiting, .retrying, .suspended, .delegated, .nested: true
        default: false
        }
    }
}

extension NodeState.Phase {
    var standing: NodeState.Standing {
        switch self {
        case .ready, .resolving, .active: .busy
        case .waiting, .retrying, .delegated: .resting
        case .suspended: .suspended
        case .nested: .nested
        case .pending, .completed, .failed, .skipped, .cancelled: .still
        }
    }

    /// Whether it only waits for a timer.
    var isTimed: Bool {
        switch self {
        case .waiting, .retrying: true
        default: false
        }
    }
}
