internal import GRDB
internal import Messages
package import Model
package import Store

/// Readings of executions, journals, inboxes and requests.
extension SQLiteStore {
    private static let columns = ExecutionColumns.selected

    package func execution(_ reference: ExecutionReference, workspaceID: String?)
        async throws(StoreError) -> ExecutionRow?
    {
        try await read { database in
            let select: SQLStatement
            switch reference {
            case .number(let number):
                select = try SQLStatement(
                    database, "SELECT \(Self.columns) FROM executions WHERE number = ?")
                select.bind(1, number.rawValue)
            case .id(let id):
                select = try SQLStatement(
                    database, "SELECT \(Self.columns) FROM executions WHERE id = ?")
                select.bind(1, id.bytes)
            }
            guard try select.step() else { return nil }
            defer { select.reset() }
            var row = try ExecutionColumns.read(select)
            guard workspaceID == nil || row.execution.workspaceID == workspaceID else { return nil }
            row.execution.tags = try Self.tags(of: row.execution.number, in: database)
            return row
        }
    }

    package func execution(key: String, workspaceID: String) async throws(StoreError)
        -> ExecutionRow?
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.columns) FROM executions INDEXED BY executions_by_active_key \
                WHERE workspace_id = ? AND key = ? AND state < 4000
                """)
            select.bind(1, workspaceID)
            select.bind(2, key)
            return try Self.rows(select).first
        }
    }

    package func executions(_ query: ExecutionQuery) async throws(StoreError) -> ExecutionPage {
        try await read { database in
            try ExecutionListReader(database, query).page()
        }
    }

    package func count(_ query: ExecutionQuery) async throws(StoreError) -> Int64 {
        try await read { database in
            try ExecutionListReader(database, query).count()
        }
    }

    package func journal(
        _ number: ExecutionNumber, after sequence: Int64, byteLimit: Int, payloads isWhole: Bool
    ) async throws(StoreError) -> [JournalRow] {
        try await read { database in
            // From the row that holds the event after `sequence`, or the first one beyond it.
            let select = try SQLStatement(
                database,
                """
                SELECT position, event_count, ends_execution, batch, parts FROM journal \
                WHERE position BETWEEN coalesce((SELECT max(position) FROM journal \
                WHERE position BETWEEN ?1 AND ?2), ?1) AND ?3 ORDER BY position
                """)
            select.bind(1, JournalPosition.first(number).rawValue)
            select.bind(2, JournalPosition(number, max(0, sequence) &+ 1).rawValue)
            select.bind(3, JournalPosition.last(number).rawValue)
            defer { select.reset() }
            let payloads = PayloadReader(database)
            var rows: [JournalRow] = []
            var bytes = 0
            while bytes <= byteLimit, try select.step() {
                let first = JournalPosition(rawValue: select.integer(0)).sequence
                guard first + select.integer(1) - 1 > sequence else { continue }
                var batch = select.blob(3)
                if !select.isNull(4) {
                    let parts = JournalParts(bytes: select.blob(4))
                    batch =
                        isWhole
                        ? try payloads.batch(batch, parts) : try payloads.outline(batch, parts)
                }
                let row = JournalRow(
                    number: number, firstSequence: first,
                    eventCount: Int32(truncatingIfNeeded: select.integer(1)), batch: batch,
                    endsExecution: select.integer(2) != 0)
                rows.append(row)
                bytes += row.batch.count
            }
            return rows
        }
    }

    package func unfinished(after number: ExecutionNumber?, limit: Int) async throws(StoreError)
        -> [ExecutionRow]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.columns) FROM executions INDEXED BY executions_by_unfinished \
                WHERE state < 3000 AND number > ? ORDER BY number LIMIT ?
                """)
            select.bind(1, number?.rawValue ?? 0)
            select.bind(2, Int64(limit))
            return try Self.rows(select)
        }
    }

    package func wakeUps(before instant: WallTime, limit: Int) async throws(StoreError)
        -> [WakeUp]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT number, wake_at FROM executions INDEXED BY executions_by_wake \
                WHERE wake_at < ? ORDER BY wake_at, number LIMIT ?
                """)
            select.bind(1, instant.microseconds)
            select.bind(2, Int64(limit))
            var wakeUps: [WakeUp] = []
            while try select.step() {
                wakeUps.append(
                    WakeUp(
                        number: ExecutionNumber(rawValue: select.integer(0)),
                        wakeAt: WallTime(microseconds: select.integer(1))))
            }
            return wakeUps
        }
    }

    package func inbox(_ recipient: ExecutionNumber, limit: Int) async throws(StoreError)
        -> [InboxRow]
    {
        try await read { database in
            let select = try SQLStatement(
                database, "SELECT id, body FROM inbox WHERE recipient = ? ORDER BY id LIMIT ?")
            select.bind(1, recipient.rawValue)
            select.bind(2, Int64(limit))
            var rows: [InboxRow] = []
            while try select.step() {
                rows.append(
                    InboxRow(id: select.integer(0), recipient: recipient, body: select.blob(1)))
            }
            return rows
        }
    }

    package func inboxRecipients(after number: ExecutionNumber?, limit: Int)
        async throws(StoreError) -> [ExecutionNumber]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT DISTINCT recipient FROM inbox WHERE recipient > ? \
                ORDER BY recipient LIMIT ?
                """)
            select.bind(1, number?.rawValue ?? 0)
            select.bind(2, Int64(limit))
            var recipients: [ExecutionNumber] = []
            while try select.step() {
                recipients.append(ExecutionNumber(rawValue: select.integer(0)))
            }
            return recipients
        }
    }

    package func request(workspaceID: String, method: String, requestID: String)
        async throws(StoreError) -> RequestRecord?
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT hash, number FROM requests \
                WHERE workspace_id = ? AND method = ? AND request_id = ?
                """)
            select.bind(1, workspaceID)
            select.bind(2, method)
            select.bind(3, requestID)
            guard try select.step() else { return nil }
            defer { select.reset() }
            return RequestRecord(
                workspaceID: workspaceID, method: method, requestID: requestID,
                hash: select.blob(0), number: ExecutionNumber(rawValue: select.integer(1)))
        }
    }

    package func expireRequests(endedBefore instant: WallTime, limit: Int)
        async throws(StoreError) -> Int
    {
        do {
            return try await expire(endedBefore: instant, limit: limit)
        } catch {
            throw StoreError(below: error)
        }
    }

    package func stateCounts() async throws(StoreError) -> [ExecutionState: Int64] {
        try await read { database in
            let select = try SQLStatement(
                database, "SELECT state, sum(count) FROM execution_counters GROUP BY state")
            var counts: [ExecutionState: Int64] = [:]
            while try select.step() {
                counts[StateCode(rawValue: select.integer(0)).state] = select.integer(1)
            }
            return counts
        }
    }

    private static func rows(_ select: SQLStatement) throws -> [ExecutionRow] {
        var rows: [ExecutionRow] = []
        while try select.step() { rows.append(try ExecutionColumns.read(select)) }
        return rows
    }
}
