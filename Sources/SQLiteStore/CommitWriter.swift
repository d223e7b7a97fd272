internal import GRDB
internal import Messages
internal import Model
internal import Store

/// Writes groups of commits through the writer connection.
///
/// A group is tried as one plain transaction. Savepoints would make SQLite copy every page that a
/// commit touches, so only a group in which a commit has to be undone is written again with them.
final class CommitWriter: @unchecked Sendable {
    // Sendable because it is used only within the writer connection's serial queue.

    /// Executions whose newest sequence number is remembered, so that appending needs no read.
    private static let rememberedMax = 32_768

    /// Pages of 4 KiB that are given back after a group that erased something.
    private static let vacuumPagesMax = 2_048

    private let database: Database
    private var isClosed = false
    private var statements: [String: SQLStatement] = [:]
    private var sequences: [Int64: Int64] = [:]
    /// What the table `execution_states` holds.
    private var knownStates: Set<StateCode>
    private var counters = CounterDeltas()
    /// Whether the commit being applied has changed anything.
    private var hasWritten = false
    private var hasErased = false
    /// Whether a workflow was erased since the start: only then can an execution arrive whose
    /// workflow is gone, because its trigger read it before.
    var hasErasedWorkflows = false
    /// Whether a workspace or pod was deleted since the start: only then can something arrive for
    /// one that is gone.
    var hasErasedPods = false

    init(_ database: Database) throws {
        self.database = database
        knownStates = Set(try StateCode.all(in: database))
    }

    /// Releases the statements: a connection with open statements cannot be closed. Later writes
    /// fail.
    func close() {
        isClosed = true
        statements = [:]
    }

    /// Writes `commits` in one durable transaction.
    /// - Returns: one outcome per commit.
    func write(_ commits: [Commit]) -> [CommitOutcome] {
        guard !isClosed else {
            return commits.map { _ in .failed(StoreError(.unavailable, "the database is closed")) }
        }
        hasErased = false
        let outcomes = writeGroup(commits)
        if hasErased { giveSpaceBack() }
        return outcomes
    }

    private func writeGroup(_ commits: [Commit]) -> [CommitOutcome] {
        do {
            return try transaction { try writePlainly(commits) }
        } catch is MustUndo {
            return writeOneByOne(commits)
        } catch let failure as SQLiteFailure where !failure.isFatal {
            return writeOneByOne(commits)
        } catch {
            return commits.map { _ in .failed(StoreError(below: error)) }
        }
    }

    /// Cuts free pages off the file's end, so many at a time that the next group does not wait long;
    /// what remains is used again or goes with the next erasure.
    private func giveSpaceBack() {
        // A failure leaves the pages free, which is no harm.
        try? run("PRAGMA incremental_vacuum(\(Self.vacuumPagesMax))")
    }

    // MARK: - Transactions

    /// A commit was refused after it had changed something.
    private struct MustUndo: Error {}

    private func transaction(_ body: () throws -> [CommitOutcome]) throws -> [CommitOutcome] {
        try run("BEGIN IMMEDIATE")
        do {
            let outcomes = try body()
            let newStates = try writeCounters()
            try run("COMMIT")
            knownStates.formUnion(newStates)
            return outcomes
        } catch {
            counters.dropAll()
            sequences.removeAll(keepingCapacity: true)
            // Some failures, a full disk among them, have rolled back already.
            if database.isInsideTransaction { try? run("ROLLBACK") }
            throw error
        }
    }

    private func writePlainly(_ commits: [Commit]) throws -> [CommitOutcome] {
        var outcomes: [CommitOutcome] = []
        outcomes.reserveCapacity(commits.count)
        for commit in commits {
            hasWritten = false
            do {
                try apply(commit)
                counters.keepCurrent()
                outcomes.append(.committed)
            } catch let error where Self.outcome(error) != nil {
                guard !hasWritten, let outcome = Self.outcome(error) else { throw MustUndo() }
                counters.dropCurrent()
                outcomes.append(outcome)
            }
        }
        return outcomes
    }

    private func writeOneByOne(_ commits: [Commit]) -> [CommitOutcome] {
        do {
            return try transaction {
                try commits.map { commit in
                    try run("SAVEPOINT one")
                    do {
                        try apply(commit)
                        counters.keepCurrent()
                        try run("RELEASE one")
                        return .committed
                    } catch {
                        guard let outcome = Self.outcome(error) else { throw error }
                        try run("ROLLBACK TO one")
                        try run("RELEASE one")
                        counters.dropCurrent()
                        sequences.removeAll(keepingCapacity: true)
                        return outcome
                    }
                }
            }
        } catch {
            return commits.map { _ in .failed(StoreError(below: error)) }
        }
    }

    /// The outcome of the one commit that the error is about; nil if it is about all.
    private static func outcome(_ error: any Error) -> CommitOutcome? {
        switch error {
        case let refusal as CommitOutcome.Refusal:
            .refused(refusal)
        case let error as StoreError where error.code == .conflict:
            .failed(error)
        case let failure as SQLiteFailure where !failure.isFatal:
            .failed(
                StoreError(.conflict, "the commit does not fit the database: \(failure.message)"))
        default:
            nil
        }
    }

    /// - Returns: states that no execution was in before.
    private func writeCounters() throws -> Set<StateCode> {
        var newStates: Set<StateCode> = []
        for (key, delta) in counters.kept where delta != 0 {
            if !knownStates.contains(key.state), newStates.insert(key.state).inserted {
                let state = try statement("INSERT OR IGNORE INTO execution_states VALUES (?)")
                state.bind(1, key.state.rawValue)
                try state.run()
            }
            let counter = try statement(
                """
                INSERT INTO execution_counters VALUES (?, ?, ?, ?, ?, ?) \
                ON CONFLICT DO UPDATE SET count = count + excluded.count
                """)
            bind(key, to: counter)
            counter.bind(6, delta)
            try counter.run()
            if delta < 0 {
                let empty = try statement(
                    """
                    DELETE FROM execution_counters WHERE workspace_id = ? AND workflow_id = ? \
                    AND state = ? AND day = ? AND pod_id = ? AND count = 0
                    """)
                bind(key, to: empty)
                try empty.run()
            }
        }
        counters.dropAll()
        return newStates
    }

    private func bind(_ key: CounterKey, to statement: SQLStatement) {
        statement.bind(1, key.workspaceID)
        statement.bind(2, key.workflowID)
        statement.bind(3, key.state.rawValue)
        statement.bind(4, key.day)
        statement.bind(5, key.podID)
    }

    // MARK: - For the changes

    func hasTags(_ number: ExecutionNumber) throws -> Bool {
        try ExecutionTags(database).has(number.rawValue)
    }

    /// The prepared statement for a literal.
    func statement(_ sql: String) throws -> SQLStatement {
        if let statement = statements[sql] { return statement }
        let statement = try SQLStatement(database, sql)
        statements[sql] = statement
        return statement
    }

    /// Runs a statement that changes something.
    /// - Returns: how many rows it changed.
    @discardableResult
    func change(_ statement: SQLStatement) throws -> Int {
        let count = try statement.run()
        if count > 0 { hasWritten = true }
        return count
    }

    /// The row id of the newest inserted row.
    var lastInsertedID: Int64 { database.lastInsertedRowID }

    func count(_ execution: Execution, _ state: StateCode, _ delta: Int64) {
        counters.add(
            CounterKey(
                workspaceID: execution.workspaceID, workflowID: execution.workflowID, state: state,
                day: CounterKey.day(microseconds: execution.createTime?.microseconds ?? 0),
                podID: execution.podID), delta)
    }

    func remember(_ number: ExecutionNumber, lastSequence: Int64?) {
        if sequences.count >= Self.rememberedMax { sequences.removeAll(keepingCapacity: true) }
        sequences[number.rawValue] = lastSequence
    }

    func rememberedSequence(_ number: ExecutionNumber) -> Int64? {
        sequences[number.rawValue]
    }

    func erasedSomething() {
        hasErased = true
    }

    private func run(_ sql: String) throws {
        try statement(sql).run()
    }

    private func apply(_ commit: Commit) throws {
        // Refusals that can be foreseen are, so that nothing has to be undone for them.
        if commit.changes.count > 1 {
            for change in commit.changes { try check(change) }
        }
        for change in commit.changes { try apply(change) }
    }

    private func check(_ change: Change) throws {
        switch change {
        case .insertExecution(let row): try checkKey(row)
        case .recordRequest(let record): try checkRequest(record)
        default: break
        }
    }

    private func apply(_ change: Change) throws {
        switch change {
        case .insertExecution(let row): try insertExecution(row)
        case .updateExecution(let row, let from): try updateExecution(row, from: from)
        case .appendJournal(let row): try appendJournal(row)
        case .recordRequest(let record): try recordRequest(record)
        case .deleteExecution(let number): try deleteExecution(number)
        case .expireExecution(let number): try expireExecution(number)
        case .insertInbox(let row): try insertInbox(row)
        case .deleteInbox(let id): try deleteInbox(id)
        case .putWorkflow(let row, let expectedLatest):
            try putWorkflow(row, expectedLatest: expectedLatest)
        case .deployWorkflow(let workspaceID, let workflowID, let version):
            try deployWorkflow(workflowID, version: version, workspaceID: workspaceID)
        case .deleteWorkflow(let workspaceID, let workflowID):
            try deleteWorkflow(workflowID, workspaceID: workspaceID)
        case .insertToken(let row): try insertToken(row)
        case .revokeToken(let workspaceID, let idOrName, let instant):
            try revokeToken(idOrName, workspaceID: workspaceID, at: instant)
        case .access(let change): try apply(change)
        case .secret(let change): try apply(change)
        case .event(let change): try apply(change)
        case .many(let change): try apply(change)
        case .worker(let change): try apply(change)
        case .schedule(let change): try apply(change)
        case .webhook(let change): try apply(change)
        }
    }
}
