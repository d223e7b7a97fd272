package import Messages
package import Model

/// What is written together or not at all. All writes of the server are commits, put into
/// transactions by the `Committer`.
package struct Commit: Sendable {
    /// Applied in order.
    package var changes: [Change]

    package init(_ changes: [Change]) {
        self.changes = changes
    }
}

/// One change within a commit. A refused change refuses its whole commit and nothing else.
package enum Change: Sendable {
    /// Refused with `.keyInUse` if another non-final execution of the workspace has its key, and
    /// with `.notFound` if its workflow was erased after its trigger had read it.
    case insertExecution(ExecutionRow)
    /// Replaces the mutable columns. `from` is the state the row has now: counters move from it.
    /// Refused with `.notFound`; fails with `StoreError.conflict` if the row has another state.
    case updateExecution(ExecutionRow, from: ExecutionState)
    /// Fails with `StoreError.conflict` unless `firstSequence` follows the newest sequence number
    /// stored; refused with `.notFound` if there is no such execution.
    case appendJournal(JournalRow)
    /// Refused with `.requestExists` if (workspace, method, id) is there already.
    case recordRequest(RequestRecord)
    /// Erases a final execution, its journal, inbox and request records. Refused with `.notFinal`
    /// or `.notFound`.
    case deleteExecution(ExecutionNumber)
    /// The same by retention: also refused with `.notEmpty` if the execution has tags.
    case expireExecution(ExecutionNumber)
    /// A message for an execution that another commit's execution sent. Dropped if the recipient
    /// was erased: its sender must not fail for that.
    case insertInbox(InboxRow)
    /// The row with this id was folded into its execution.
    case deleteInbox(Int64)

    /// Makes version `latest + 1` (or the workflow itself); versions of a workflow that was erased
    /// count, so that a version never means two texts. Refused with `.versionConflict` if
    /// `expectedLatest` is given and is not the newest version ever saved, and with `.notFound` if its
    /// pod was deleted after the caller had been let in.
    case putWorkflow(WorkflowVersionRow, expectedLatest: Int32?)
    /// Refused with `.notFound`.
    case deployWorkflow(workspaceID: String, workflowID: String, version: Int32)
    /// Refused with `.notFound`, or `.workflowInUse` while one of its executions is not final.
    case deleteWorkflow(workspaceID: String, workflowID: String)

    /// Refused with `.nameInUse` if an unrevoked token of the workspace has its name, and with
    /// `.notFound` if the workspace was deleted after the caller had been let in.
    case insertToken(TokenRow)
    /// By id or name. Refused with `.notFound`.
    case revokeToken(workspaceID: String, idOrName: String, at: WallTime)

    /// Who works where: workspaces, pods, members, and the audit log.
    case access(AccessChange)
    /// What nodes need to know and nobody may read back.
    case secret(SecretChange)
    /// Named events and who waits for them.
    case event(EventChange)
    /// Tags, batches, groups: what is about many executions at once.
    case many(ManyChange)
    /// Tasks of workers, the kinds they registered, and their queues.
    case worker(WorkerChange)
    /// What fires by the clock.
    case schedule(ScheduleChange)
    /// What fires when somebody posts.
    case webhook(WebhookChange)
}

/// What became of a commit.
package enum CommitOutcome: Sendable {
    case committed
    /// Nothing of it was written.
    case refused(Refusal)
    /// The store failed; nothing of it was written.
    case failed(StoreError)

    package enum Refusal: Error, Sendable, Equatable {
        case keyInUse(ExecutionNumber)
        case requestExists(RequestRecord)
        case notFound
        case notFinal
        case versionConflict(latest: Int32)
        case workflowInUse
        case nameInUse
        case notEmpty
        case tooMany
        /// What became of a trigger's nominal time or delivery is decided already.
        case alreadyFired
        /// What was to be replaced is another by now than it was when it was read.
        case changed
    }
}

/// What lists filter by: where an execution stands.
package struct ExecutionState: Sendable, Hashable {
    package var status: ExecutionStatus
    package var reason: ExecutionReason
    /// RUNNING, but only a timer is pending.
    package var isWaiting: Bool

    package init(
        status: ExecutionStatus, reason: ExecutionReason = .unspecified, isWaiting: Bool = false
    ) {
        self.status = status
        self.reason = reason
        self.isWaiting = isWaiting
    }
}

/// One execution as the list sees it: everything but payloads.
package struct ExecutionRow: Sendable, Equatable {
    /// BASIC view: `input_json`, `output_json` and `node_executions` are empty; `interrupts` is kept.
    package var execution: Execution
    /// When the server must look at it next although nobody asks: a timer or a deadline.
    package var wakeAt: WallTime?

    package init(execution: Execution, wakeAt: WallTime? = nil) {
        self.execution = execution
        self.wakeAt = wakeAt
    }
}

/// What one commit adds to one journal.
package struct JournalRow: Sendable, Equatable {
    package let number: ExecutionNumber
    package let firstSequence: Int64
    /// At least 1.
    package let eventCount: Int32
    /// The encoded `EventBatch`, just as watchers receive it: it can be passed on undecoded.
    package let batch: [UInt8]
    /// Whether its newest event is a final one (completed, failed, cancelled): nothing follows.
    package let endsExecution: Bool
    /// The batch as a store is to keep it; nil: in one piece. No part of what the row is.
    package var cut: CutBatch?

    /// Sequence number of its newest event.
    package var lastSequence: Int64 { firstSequence + Int64(eventCount) - 1 }

    package init(
        number: ExecutionNumber, firstSequence: Int64, eventCount: Int32, batch: [UInt8],
        endsExecution: Bool = false
    ) {
        self.number = number
        self.firstSequence = firstSequence
        self.eventCount = eventCount
        self.batch = batch
        self.endsExecution = endsExecution
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.number == right.number && left.firstSequence == right.firstSequence
            && left.eventCount == right.eventCount && left.batch == right.batch
            && left.endsExecution == right.endsExecution
    }
}

/// Remembers a request id, until the retention after its execution's end.
package struct RequestRecord: Sendable, Equatable {
    package let workspaceID: String
    /// For example `Trigger`.
    package let method: String
    package let requestID: String
    /// SHA-256 of the request without its id.
    package let hash: [UInt8]
    /// The execution it made or concerned.
    package let number: ExecutionNumber

    package init(
        workspaceID: String, method: String, requestID: String, hash: [UInt8],
        number: ExecutionNumber
    ) {
        self.workspaceID = workspaceID
        self.method = method
        self.requestID = requestID
        self.hash = hash
        self.number = number
    }
}

/// A message to an execution, kept until its owner folded it.
package struct InboxRow: Sendable, Equatable {
    /// 0 before it is stored.
    package var id: Int64
    package let recipient: ExecutionNumber
    /// An encoded message; the engine knows which.
    package let body: [UInt8]

    package init(id: Int64 = 0, recipient: ExecutionNumber, body: [UInt8]) {
        self.id = id
        self.recipient = recipient
        self.body = body
    }
}

/// One saved version of a workflow.
package struct WorkflowVersionRow: Sendable, Equatable {
    package let workspaceID: String
    package let podID: String
    package let workflowID: String
    package let name: String
    package let definitionJSON: String
    package let savedAt: WallTime
    /// The principal that saved it.
    package let savedBy: String

    package init(
        workspaceID: String, podID: String, workflowID: String, name: String,
        definitionJSON: String, savedAt: WallTime, savedBy: String
    ) {
        self.workspaceID = workspaceID
        self.podID = podID
        self.workflowID = workflowID
        self.name = name
        self.definitionJSON = definitionJSON
        self.savedAt = savedAt
        self.savedBy = savedBy
    }
}

/// A token as it is stored: its secret only as a hash.
package struct TokenRow: Sendable, Equatable {
    package let token: Token
    /// SHA-256 of the secret.
    package let secretHash: [UInt8]

    package init(token: Token, secretHash: [UInt8]) {
        self.token = token
        self.secretHash = secretHash
    }
}
