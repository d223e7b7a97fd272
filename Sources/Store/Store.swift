package import Messages
package import Model

/// The storage seam. SQLite implements it; every implementation passes `StoreConformance`.
///
/// Reads are asynchronous, may run in parallel, and see every commit that was acknowledged before
/// they began. A read that names a workspace sees nothing of others.
package protocol Store: Sendable, SecretStore, RetentionStore, EventStore, InterruptStore,
    WorkerStore
{
    /// Writes commits in one durable transaction, in order; blocks. Only the `Committer` calls it,
    /// from its one thread.
    /// - Returns: one outcome per commit.
    func write(_ commits: [Commit]) -> [CommitOutcome]

    /// One more than the highest number ever used, also by erased executions.
    func nextNumber() throws(StoreError) -> ExecutionNumber

    // Executions.
    func execution(_ reference: ExecutionReference, workspaceID: String?) async throws(StoreError)
        -> ExecutionRow?
    /// The workspace's non-final execution with this key.
    func execution(key: String, workspaceID: String) async throws(StoreError) -> ExecutionRow?
    /// Newest first, keyset-paged on (created_at, number).
    func executions(_ query: ExecutionQuery) async throws(StoreError) -> ExecutionPage
    /// Exact; agrees with `executions`.
    func count(_ query: ExecutionQuery) async throws(StoreError) -> Int64

    /// The retries of executions of the workspace, by the retried execution's id: the newest, and the
    /// newest of its newest 100 that completed. An id without a retry is left out.
    func retries(of executionIDs: [String], workspaceID: String) async throws(StoreError)
        -> [String: RetryLinks]

    /// Journal rows that hold events after `sequence`, in order, until `byteLimit` is exceeded
    /// (at least one row if there is any).
    /// - Parameter payloads: false: large inputs, outputs and answers are not read and left empty; small
    ///   ones are there or not.
    func journal(
        _ number: ExecutionNumber, after sequence: Int64, byteLimit: Int, payloads: Bool
    ) async throws(StoreError) -> [JournalRow]

    // Recovery and timers.
    /// QUEUED and RUNNING executions above `number`, by number.
    func unfinished(after number: ExecutionNumber?, limit: Int) async throws(StoreError)
        -> [ExecutionRow]
    /// Executions whose `wakeAt` lies before `instant`, soonest first.
    func wakeUps(before instant: WallTime, limit: Int) async throws(StoreError) -> [WakeUp]
    func inbox(_ recipient: ExecutionNumber, limit: Int) async throws(StoreError) -> [InboxRow]
    /// Executions above `number` that have inbox rows, by number.
    func inboxRecipients(after number: ExecutionNumber?, limit: Int) async throws(StoreError)
        -> [ExecutionNumber]

    func request(workspaceID: String, method: String, requestID: String) async throws(StoreError)
        -> RequestRecord?

    // Workflows.
    /// `version` nil: the newest. With the definition.
    func workflow(_ workflowID: String, version: Int32?, workspaceID: String)
        async throws(StoreError) -> Workflow?
    /// The newest version that was ever saved under the id, also if the workflow was erased; 0 if
    /// none was.
    func latestVersion(_ workflowID: String, workspaceID: String) async throws(StoreError) -> Int32
    /// By id, without definitions.
    func workflows(workspaceID: String, podID: String?, after workflowID: String?, limit: Int)
        async throws(StoreError) -> [Workflow]
    /// Newest first, without definitions.
    func workflowVersions(
        _ workflowID: String, workspaceID: String, before version: Int32?, limit: Int
    ) async throws(StoreError) -> [Workflow]

    // Tokens.
    func token(secretHash: [UInt8]) async throws(StoreError) -> TokenRow?
    func tokens(workspaceID: String, after tokenID: String?, limit: Int) async throws(StoreError)
        -> [Token]

    /// Removes request records whose executions ended before `instant`; at most `limit`.
    /// - Returns: how many were removed.
    func expireRequests(endedBefore instant: WallTime, limit: Int) async throws(StoreError) -> Int

    /// Non-final and final executions by state, for metrics.
    func stateCounts() async throws(StoreError) -> [ExecutionState: Int64]

    /// Who works where.
    var access: any AccessStore { get }
    /// What fires by the clock.
    var schedules: any ScheduleStore { get }
    /// What fires when somebody posts.
    var webhooks: any WebhookStore { get }

    /// What is about many executions at once.
    var many: any ManyStore { get }

    /// Closes it after the last write; later calls fail.
    func close()
}

/// What to list or count.
package struct ExecutionQuery: Sendable, Equatable {
    package var workspaceID: String
    /// nil: all pods.
    package var podID: String?
    package var filter: ExecutionFilter
    /// 1 to 1,000.
    package var limit: Int
    /// Where the previous page ended.
    package var after: Position?
    /// How many of the newest to leave out; at most `skipMax`.
    package var skip = 0
    /// Only executions with a lower number.
    package var below: ExecutionNumber?
    /// Only executions that started at or after.
    package var startedFrom: WallTime?
    /// Only executions that started before.
    package var startedBefore: WallTime?
    /// How much of its rows a page has.
    package var detail = Detail.whole

    /// How much of an execution's row is read.
    package enum Detail: Sendable, Equatable {
        /// All of it.
        case whole
        /// As lists show it, see `ExecutionRow.listed`. The page ends early where its rows would have more
        /// than so many bytes; no further row is read.
        case listed(bytesMax: Int)
        /// Without what may be large, see `ExecutionRow.slim`: for pages that must have all of their rows.
        case slim
    }

    /// A page that is told by its number begins at most so far down.
    package static let skipMax = 10_000

    /// A place in the order of the list.
    package struct Position: Sendable, Equatable {
        package let createdAt: WallTime
        package let number: ExecutionNumber

        package init(createdAt: WallTime, number: ExecutionNumber) {
            self.createdAt = createdAt
            self.number = number
        }
    }

    package init(
        workspaceID: String, podID: String? = nil, filter: ExecutionFilter = ExecutionFilter(),
        limit: Int = 50, after: Position? = nil
    ) {
        self.workspaceID = workspaceID
        self.podID = podID
        self.filter = filter
        self.limit = limit
        self.after = after
    }
}

/// One page of a list.
package struct ExecutionPage: Sendable {
    package let rows: [ExecutionRow]
    /// nil on the last page.
    package let next: ExecutionQuery.Position?

    package init(rows: [ExecutionRow], next: ExecutionQuery.Position?) {
        self.rows = rows
        self.next = next
    }
}

/// The executions that retried one.
package struct RetryLinks: Sendable, Equatable {
    package var newest: ExecutionLink
    package var completed: ExecutionLink?

    package init(newest: ExecutionLink, completed: ExecutionLink?) {
        self.newest = newest
        self.completed = completed
    }
}

/// An execution that wants to be looked at.
package struct WakeUp: Sendable, Equatable {
    package let number: ExecutionNumber
    package let wakeAt: WallTime

    package init(number: ExecutionNumber, wakeAt: WallTime) {
        self.number = number
        self.wakeAt = wakeAt
    }
}

extension Store {
    /// The rows as they were written.
    package func journal(_ number: ExecutionNumber, after sequence: Int64, byteLimit: Int)
        async throws(StoreError) -> [JournalRow]
    {
        try await journal(number, after: sequence, byteLimit: byteLimit, payloads: true)
    }
}
