internal import RPC

/// A call's life, as a value.
///
/// ```
///              requestComplete           handlerReturned
///  collecting ────────────────▶ running ────────────────▶ over
///      │                           │ cancelled, failed        ▲
///      │ cancelled, failed         ▼         handlerReturned  │
///      └───────────────▶ over   abandoned ────────────────────┘
/// ```
///
/// *Collecting* is for the calls whose handler takes exactly one request message. *Abandoned*: the
/// peer has its answer, or wants none, but the handler's task still runs and counts as running.
struct CallState {
    enum Phase: Equatable {
        case collecting
        case running
        case abandoned
        case over
    }

    private(set) var phase: Phase
    private let takesOneMessage: Bool
    private var messageCount = 0
    private(set) var isRemoteClosed = false

    /// A call of a method of `kind`; a kind that streams requests runs from the start.
    init(kind: CallKind) {
        takesOneMessage = kind == .unary || kind == .serverStreaming
        phase = takesOneMessage ? .collecting : .running
    }

    /// What to do with a request message.
    enum OnMessage: Equatable {
        /// Keep it as the handler's one message.
        case keep
        /// Queue it for the handler.
        case queue
        /// Nobody wants it.
        case drop
        /// End the call with this error.
        case fail(RPCError)
    }

    /// A request message came.
    mutating func receivedMessage() -> OnMessage {
        guard phase == .collecting || phase == .running else { return .drop }
        guard !isRemoteClosed else {
            return .fail(RPCError(.internal, "a request message came after the end of the request"))
        }
        messageCount += 1
        guard takesOneMessage else { return .queue }
        guard messageCount == 1 else {
            return .fail(RPCError(.unimplemented, "expected one request message, a second came"))
        }
        return .keep
    }

    /// What to do when the request is complete.
    enum OnRequestEnd: Equatable {
        /// Start the handler with the message that was kept.
        case start
        /// Tell the handler that no more comes.
        case endReading
        case ignore
        /// End the call with this error.
        case fail(RPCError)
    }

    /// The peer sends no more messages.
    mutating func receivedEnd() -> OnRequestEnd {
        guard !isRemoteClosed else { return .ignore }
        isRemoteClosed = true
        switch phase {
        case .collecting where messageCount == 0:
            return .fail(RPCError(.unimplemented, "expected one request message, none came"))
        case .collecting:
            phase = .running
            return .start
        case .running:
            return .endReading
        case .abandoned, .over:
            return .ignore
        }
    }

    /// What to do when a call ends before its handler has.
    enum OnAbort: Equatable {
        /// The handler runs: cancel its task, and wait for it.
        case cancelHandler
        /// No handler was started: the call is over.
        case release
        /// It has ended already.
        case ignore
    }

    /// The call ends before its handler: the deadline passed, the peer cancelled it or broke the
    /// protocol, or the connection closed.
    mutating func aborted() -> OnAbort {
        switch phase {
        case .collecting:
            phase = .over
            return .release
        case .running:
            phase = .abandoned
            return .cancelHandler
        case .abandoned, .over:
            return .ignore
        }
    }

    /// What to do when the handler's task is over.
    enum OnReturn: Equatable {
        /// Send what it returned, then release the call.
        case answer
        /// The answer was sent before; only release the call.
        case release
    }

    /// The handler's task is over.
    mutating func handlerReturned() -> OnReturn {
        defer { phase = .over }
        return phase == .running ? .answer : .release
    }

    /// Whether the handler may still send messages.
    var isAnswering: Bool { phase == .running }
}
