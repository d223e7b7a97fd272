internal import GRDB
internal import Messages
package import Model
package import Store
internal import Synchronization

/// The store on one SQLite file: WAL, every commit synced, one writer and several readers.
///
/// `write` runs on the committer's thread; reads run in parallel on the readers' queues.
package final class SQLiteStore: Store {
    /// Connections that read at the same time.
    private static let readersMax = 4

    private let pool: DatabasePool
    private let writer: CommitWriter
    /// Released by `close`, after the database.
    private let lock: Mutex<DatabaseLock?>

    /// Opens, or makes, the database at `path` and brings it to the newest version.
    /// - Throws: `StoreError.unavailable` if it cannot be opened or another server has it open,
    ///   `StoreError.tooNew` if a newer version of the program wrote it.
    package convenience init(path: String) throws(StoreError) {
        try self.init(path: path, migrations: Schema.migrations)
    }

    /// With the first of the migrations only, for tests of earlier versions.
    init(path: String, migrations: [String]) throws(StoreError) {
        let lock = try DatabaseLock(databasePath: path)
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration)
            writer = try pool.writeWithoutTransaction { database in
                try Self.requireFullSync(database)
                try Schema.migrate(database, migrations: migrations)
                return try CommitWriter(database)
            }
        } catch {
            let error = StoreError(below: error)
            throw StoreError(error.code, "\(path): \(error.message)")
        }
        self.lock = Mutex(lock)
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "signalbox"
        configuration.foreignKeysEnabled = false
        configuration.maximumReaderCount = readersMax
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            guard !database.configuration.readonly else { return }
            // Before the first page is written: so that erased executions give their space back.
            try database.execute(
                sql: """
                    PRAGMA auto_vacuum = INCREMENTAL;
                    PRAGMA cache_size = -16384;
                    PRAGMA journal_size_limit = 67108864;
                    PRAGMA wal_autocheckpoint = 2000;
                    """)
        }
        return configuration
    }

    /// GRDB puts NORMAL after its WAL set-up, with which a power cut takes acknowledged commits.
    private static func requireFullSync(_ database: Database) throws {
        try database.execute(sql: "PRAGMA synchronous = FULL")
        let synchronous = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        guard synchronous == 2 else {
            throw StoreError(
                .unavailable, "the database runs with synchronous = \(synchronous ?? -1), not FULL")
        }
    }

    package func close() {
        pool.writeWithoutTransaction { _ in writer.close() }
        // A read that still runs keeps its connection, which ends with the pool.
        try? pool.close()
        lock.withLock { $0 = nil }
    }

    // MARK: Writing

    package func write(_ commits: [Commit]) -> [CommitOutcome] {
        pool.writeWithoutTransaction { _ in writer.write(commits) }
    }

    /// Removes expired request records, between two groups of the committer.
    func expire(endedBefore instant: WallTime, limit: Int) async throws -> Int {
        try await pool.writeWithoutTransaction { database in
            // A single statement is a transaction of its own.
            let delete = try SQLStatement(
                database,
                """
                DELETE FROM requests WHERE (workspace_id, method, request_id) IN \
                (SELECT workspace_id, method, request_id FROM requests \
                INDEXED BY requests_by_end WHERE ended_at < ? ORDER BY ended_at LIMIT ?)
                """)
            delete.bind(1, instant.microseconds)
            delete.bind(2, Int64(limit))
            return try delete.run()
        }
    }

    /// Cuts free pages off the file's end. The file itself shrinks with the checkpoint that follows
    /// once none are left.
    func reclaimPages(_ pagesMax: Int) async throws -> Int {
        try await pool.writeWithoutTransaction { database in
            let before = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            if before > 0 {
                let vacuum = try SQLStatement(
                    database, "PRAGMA incremental_vacuum(\(pagesMax))")
                try vacuum.run()
            }
            let left = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            if left == 0 {
                // Also where commits have taken the last free pages: only this cuts the file.
                _ = try Row.fetchOne(database, sql: "PRAGMA wal_checkpoint(PASSIVE)")
            }
            return left
        }
    }

    package func nextNumber() throws(StoreError) -> ExecutionNumber {
        do {
            return try pool.read { database in
                let select = try SQLStatement(
                    database,
                    """
                    SELECT max((SELECT number_max FROM erased), \
                    coalesce((SELECT max(number) FROM executions), 0))
                    """)
                guard try select.step() else { throw StoreError(.corrupt, "no highest number") }
                defer { select.reset() }
                return ExecutionNumber(rawValue: select.integer(0) + 1)
            }
        } catch {
            throw StoreError(below: error)
        }
    }

    // MARK: For the readings

    /// Runs `body` on a reader, within one snapshot.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Result
    ) async throws(StoreError) -> Result {
        do {
            return try await pool.read(body)
        } catch {
            throw StoreError(below: error)
        }
    }

    /// The same for what is read once, at the start; blocks.
    func readNow<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
        do {
            return try pool.read(body)
        } catch {
            throw StoreError(below: error)
        }
    }

    /// Runs `body` on the writer, outside of a transaction; for tests of its settings.
    func withWriter<Result>(_ body: (Database) throws -> Result) rethrows -> Result {
        try pool.writeWithoutTransaction(body)
    }
}
