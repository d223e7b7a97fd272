internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Who waits for a command to be committed. Called once, from the shard.
typealias Reply = @Sendable (Result<Execution, EngineError>) -> Void

/// A command from outside that wants an answer.
struct Asked: Sendable {
    let command: ExecutionCommand
    let request: RequestRecord?
    let reply: Reply
}

/// What goes with one commit of one execution.
struct LiveBatch: Sendable {
    var events: [ExecutionEvent] = []
    /// Rows beside the execution's own: of its inbox, of others.
    var changes: [Change] = []
    var effects: [ExecutionEffect] = []
    var requests: [RequestRecord] = []
    /// Answered when the commit, and so all before it, is there. nil: it was taken.
    var replies: [(reply: Reply, refusal: EngineError?)] = []
    /// Results of bodies: kept, so that a failed write does not lose them.
    var results: [ExecutionCommand] = []
    /// What the row says after it.
    var mark: RowMark?

    var isEmpty: Bool {
        events.isEmpty && changes.isEmpty && replies.isEmpty && requests.isEmpty
    }
}

/// One execution in memory: its state with everything decided so far, and how much of that is
/// committed. One commit is under way at a time; what is decided meanwhile goes with the next.
struct LiveExecution: Sendable {
    let number: ExecutionNumber
    var machine: ExecutionMachine
    /// What the stored row says.
    var stored: RowMark
    var pending = LiveBatch()
    var inFlight: LiveBatch?
    /// Bodies and evaluations at work here, by node.
    var work: [NodeRef: Work] = [:]
    var holdsSlot = false
    var inbox = Inbox.idle
    /// Messages up to this id were folded, committed or not.
    var foldedInboxID: Int64 = 0
    /// Every committed event, for those who wait for the end; nil where nobody does, or past
    /// `historyEventsMax`.
    var history: [ExecutionEvent]?

    /// A longer history is read from the store instead.
    private static let historyEventsMax = 256

    /// How its inbox is looked at: one reading at a time.
    enum Inbox: Sendable {
        case idle
        case reading
        /// Something came while it was read.
        case readingAndDue
        /// To be read once nothing is under way to the store.
        case due
    }

    /// One attempt at work.
    struct Work: Sendable {
        let attempt: Int32
        let isBody: Bool
        let task: Task<Void, Never>
    }

    init(number: ExecutionNumber, machine: ExecutionMachine, stored: RowMark) {
        self.number = number
        self.machine = machine
        self.stored = stored
    }

    var bodies: Set<NodeRef> { Set(work.filter(\.value.isBody).keys) }

    /// Keeps what was committed for those who wait.
    mutating func remember(_ events: [ExecutionEvent]) {
        history?.append(contentsOf: events)
        if let history, history.count > Self.historyEventsMax { self.history = nil }
    }

    /// The execution as committed, once it has ended; nil where its history is not known.
    var rested: RestedExecution? {
        guard stored.state.status.isEnd, let history else { return nil }
        return RestedExecution(row: machine.row, graph: machine.graph, events: history)
    }

    /// The changes of the pending batch, which is now under way.
    mutating func takeChanges() -> [Change] {
        var batch = pending
        pending = LiveBatch()
        var changes: [Change] = []
        for row in Self.journalRows(number, batch.events) {
            changes.append(.appendJournal(row))
        }
        let mark = machine.mark
        if mark != stored { changes.append(.updateExecution(machine.row, from: stored.state)) }
        changes += batch.changes
        for request in batch.requests { changes.append(.recordRequest(request)) }
        batch.mark = mark
        inFlight = batch
        return changes
    }

    /// A row's events are one message of a watch, which must fit into what clients receive (4 MiB)
    /// with room for one event that is as large as an event can be.
    private static let rowBytesMax = 1 << 20

    /// The journal rows of one commit: one, or several where one would be too large a message.
    static func journalRows(_ number: ExecutionNumber, _ events: [ExecutionEvent]) -> [JournalRow] {
        guard let first = events.first, let last = events.last else { return [] }
        let bytes = unsafe EventBatch(events: events).withProtobufBytes { unsafe [UInt8]($0) }
        guard bytes.count <= rowBytesMax || events.count == 1 else {
            let middle = events.count / 2
            return journalRows(number, Array(events[..<middle]))
                + journalRows(number, Array(events[middle...]))
        }
        let ends: Bool
        switch last.kind {
        case .executionCompleted, .executionFailed, .executionCancelled: ends = true
        default: ends = false
        }
        var row = JournalRow(
            number: number, firstSequence: first.sequence, eventCount: Int32(events.count),
            batch: bytes, endsExecution: ends)
        // Here, so that the thread that writes does not compress for everybody.
        row.cut = CutBatch(bytes)
        return [row]
    }
}
