internal import GRDB
package import Messages
package import Model
internal import ProtobufRuntime
package import Store

/// Readings of batches and groups.
extension SQLiteStore: ManyStore {
    package var many: any ManyStore { self }

    package func nextBatchNumber() throws(StoreError) -> Int64 {
        try readNow { database in
            let select = try SQLStatement(
                database, "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'batches'")
            guard try select.step() else { return 1 }
            defer { select.reset() }
            return select.integer(0)
        }
    }

    package func batch(_ reference: ExecutionReference, workspaceID: String?)
        async throws(StoreError) -> Batch?
    {
        try await read { database in
            let select: SQLStatement
            switch reference {
            case .number(let number):
                select = try SQLStatement(
                    database,
                    "SELECT \(BatchColumns.selected), faults FROM batches WHERE number = ?")
                select.bind(1, number.rawValue)
            case .id(let id):
                select = try SQLStatement(
                    database, "SELECT \(BatchColumns.selected), faults FROM batches WHERE id = ?")
                select.bind(1, id.bytes)
            }
            guard try select.step() else { return nil }
            defer { select.reset() }
            let batch = try BatchColumns.read(select, withFaults: true)
            return workspaceID == nil || batch.workspaceID == workspaceID ? batch : nil
        }
    }

    package func batch(requestID: String, workspaceID: String) async throws(StoreError)
        -> (batch: Batch, hash: [UInt8])?
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(BatchColumns.selected), faults, request_hash FROM batches \
                WHERE workspace_id = ? AND request_id = ?
                """)
            select.bind(1, workspaceID)
            select.bind(2, requestID)
            guard try select.step() else { return nil }
            defer { select.reset() }
            return (try BatchColumns.read(select, withFaults: true), select.blob(18))
        }
    }

    package func batches(_ query: BatchQuery) async throws(StoreError) -> [Batch] {
        try await read { database in
            // Each status is a stretch of the index; the newest of all of them are kept.
            var found: [Batch] = []
            for status in Self.statuses(query) {
                let select = try SQLStatement(
                    database,
                    """
                    SELECT \(BatchColumns.selected) FROM batches INDEXED BY batches_by_status \
                    WHERE workspace_id = ?1 AND status = ?2 AND number < ?3 \
                    AND (?4 IS NULL OR pod_id = ?4) ORDER BY number DESC LIMIT ?5
                    """)
                select.bind(1, query.workspaceID)
                select.bind(2, Int64(status.rawValue))
                select.bind(3, query.before ?? .max)
                select.bind(4, query.podID)
                select.bind(5, Int64(query.offset + query.limit))
                while try select.step() { found.append(try BatchColumns.read(select)) }
            }
            found.sort { $0.number > $1.number }
            return Array(found.dropFirst(query.offset).prefix(query.limit))
        }
    }

    package func batchCount(_ query: BatchQuery) async throws(StoreError) -> Int64 {
        try await read { database in
            var total: Int64 = 0
            for status in Self.statuses(query) {
                let select = try SQLStatement(
                    database,
                    """
                    SELECT count(*) FROM batches INDEXED BY batches_by_status \
                    WHERE workspace_id = ?1 AND status = ?2 AND (?3 IS NULL OR pod_id = ?3)
                    """)
                select.bind(1, query.workspaceID)
                select.bind(2, Int64(status.rawValue))
                select.bind(3, query.podID)
                guard try select.step() else { continue }
                total += select.integer(0)
                select.reset()
            }
            return total
        }
    }

    private static func statuses(_ query: BatchQuery) -> [BatchStatus] {
        let all: [BatchStatus] = [.running, .completed, .error, .stopped]
        return query.statuses.isEmpty ? all : all.filter { query.statuses.contains($0) }
    }

    package func batchItems(
        _ number: Int64, after position: Int32?, statuses: [ExecutionStatus], room: PageRoom
    ) async throws(StoreError) -> BatchItemPage {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(ExecutionColumns.selected), item, erased \
                FROM batch_items LEFT JOIN executions USING (number) \
                WHERE batch_number = ? AND position > ? ORDER BY position
                """)
            select.bind(1, number)
            select.bind(2, Int64(position ?? -1))
            defer { select.reset() }
            var room = room
            var items: [BatchItem] = []
            while try select.step() {
                var item = try BatchColumns.item(select, ExecutionColumns.selectedCount)
                if select.integer(ExecutionColumns.selectedCount + 1) == 0, !select.isNull(1) {
                    item.take(try ExecutionColumns.read(select).execution)
                }
                guard statuses.isEmpty || statuses.contains(item.status) else { continue }
                guard room.take(item.messageBytes) else {
                    return BatchItemPage(items: items, hasMore: true)
                }
                items.append(item)
            }
            return BatchItemPage(items: items, hasMore: false)
        }
    }

    package func stoppingBatches(limit: Int) async throws(StoreError) -> [Batch] {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(BatchColumns.selected) FROM batches INDEXED BY batches_by_stopping \
                WHERE ended_at IS NULL AND stopped_by IS NOT NULL ORDER BY number LIMIT ?
                """)
            select.bind(1, Int64(limit))
            var batches: [Batch] = []
            while try select.step() { batches.append(try BatchColumns.read(select)) }
            return batches
        }
    }

    // MARK: Groups

    package func groupMembers(after number: ExecutionNumber?, limit: Int)
        async throws(StoreError) -> [GroupMember]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT m.number, m.name, m.places, e.started_at IS NOT NULL FROM group_members m \
                JOIN executions e ON e.number = m.number \
                WHERE m.number > ? ORDER BY m.number, m.stage
                """)
            select.bind(1, number?.rawValue ?? 0)
            defer { select.reset() }
            var members: [GroupMember] = []
            while try select.step() {
                let number = ExecutionNumber(rawValue: select.integer(0))
                let group = ConcurrencyGroup(
                    name: select.text(1), limit: Int32(truncatingIfNeeded: select.integer(2)))
                if members.last?.number == number {
                    members[members.count - 1].groups.append(group)
                } else {
                    if members.count == limit { break }
                    members.append(
                        GroupMember(
                            number: number, groups: [group], hasStarted: select.integer(3) != 0))
                }
            }
            return members
        }
    }
}
