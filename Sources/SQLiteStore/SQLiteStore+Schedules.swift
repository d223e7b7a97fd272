internal import GRDB
internal import Messages
package import Model
package import Store

extension SQLiteStore: ScheduleStore {
    package var schedules: any ScheduleStore { self }

    package func schedule(_ key: ScheduleKey) async throws(StoreError) -> ScheduleRow? {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(ScheduleColumns.selected) FROM schedules \
                WHERE workspace_id = ? AND schedule_id = ?
                """)
            select.bind(1, key.workspaceID)
            select.bind(2, key.scheduleID)
            return try Self.schedules(select).first
        }
    }

    package func schedules(
        workspaceID: String, podID: String?, workflowID: String?, after scheduleID: String?,
        room: PageRoom
    ) async throws(StoreError) -> SchedulePage {
        try await read { database in
            let ofWorkflow = workflowID == nil ? "?4 IS NULL" : "workflow_id = ?4"
            let select = try SQLStatement(
                database,
                """
                SELECT \(ScheduleColumns.selected) FROM schedules WHERE workspace_id = ?1 \
                AND schedule_id > ?2 AND (?3 IS NULL OR pod_id = ?3) AND \(ofWorkflow) \
                ORDER BY schedule_id
                """)
            select.bind(1, workspaceID)
            select.bind(2, scheduleID ?? "")
            select.bind(3, podID)
            select.bind(4, workflowID)
            defer { select.reset() }
            var room = room
            var rows: [ScheduleRow] = []
            while try select.step() {
                guard room.take(ScheduleColumns.bytes(select)) else {
                    return SchedulePage(rows: rows, hasMore: true)
                }
                rows.append(try ScheduleColumns.read(select))
            }
            return SchedulePage(rows: rows, hasMore: false)
        }
    }

    package func dueSchedules(at instant: WallTime, limit: Int) async throws(StoreError)
        -> [ScheduleRow]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(ScheduleColumns.selected) FROM schedules \
                WHERE next_at IS NOT NULL AND next_at <= ? ORDER BY next_at LIMIT ?
                """)
            select.bind(1, instant.microseconds)
            select.bind(2, Int64(limit))
            return try Self.schedules(select)
        }
    }

    package func nextScheduleTime() async throws(StoreError) -> WallTime? {
        try await read { database in
            let select = try SQLStatement(
                database, "SELECT min(next_at) FROM schedules WHERE next_at IS NOT NULL")
            defer { select.reset() }
            guard try select.step() else { return nil }
            return select.optionalInteger(0).map(WallTime.init(microseconds:))
        }
    }

    // MARK: Fires

    package func fires(_ key: ScheduleKey, before nominal: WallTime?, limit: Int)
        async throws(StoreError) -> [FireRow]
    {
        try await fires(
            key, "nominal_at < ?3 ORDER BY nominal_at DESC LIMIT ?4",
            [nominal?.microseconds ?? .max, Int64(limit)])
    }

    package func fires(_ key: ScheduleKey, from: WallTime, before: WallTime, limit: Int)
        async throws(StoreError) -> [FireRow]
    {
        try await fires(
            key, "nominal_at >= ?3 AND nominal_at < ?4 ORDER BY nominal_at LIMIT ?5",
            [from.microseconds, before.microseconds, Int64(limit)])
    }

    package func bufferedFires(_ key: ScheduleKey, limit: Int) async throws(StoreError)
        -> [FireRow]
    {
        try await fires(key, "outcome = 2 ORDER BY nominal_at LIMIT ?3", [Int64(limit)])
    }

    package func schedulesWithBufferedFires(after key: ScheduleKey?, limit: Int)
        async throws(StoreError) -> [ScheduleKey]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT DISTINCT workspace_id, schedule_id FROM schedule_fires WHERE outcome = 2 \
                AND (workspace_id, schedule_id) > (?1, ?2) \
                ORDER BY workspace_id, schedule_id LIMIT ?3
                """)
            select.bind(1, key?.workspaceID ?? "")
            select.bind(2, key?.scheduleID ?? "")
            select.bind(3, Int64(limit))
            var keys: [ScheduleKey] = []
            while try select.step() {
                keys.append(
                    ScheduleKey(workspaceID: select.text(0), scheduleID: select.text(1)))
            }
            return keys
        }
    }

    package func activeExecutions(_ key: ScheduleKey, limit: Int) async throws(StoreError)
        -> [ExecutionNumber]
    {
        try await read { database in
            // States from 4000 on are final.
            let select = try SQLStatement(
                database,
                """
                SELECT open_number FROM schedule_fires JOIN executions ON number = open_number \
                WHERE schedule_fires.workspace_id = ?1 AND schedule_id = ?2 \
                AND open_number IS NOT NULL AND state < 4000 ORDER BY open_number LIMIT ?3
                """)
            select.bind(1, key.workspaceID)
            select.bind(2, key.scheduleID)
            select.bind(3, Int64(limit))
            var numbers: [ExecutionNumber] = []
            while try select.step() {
                numbers.append(ExecutionNumber(rawValue: select.integer(0)))
            }
            return numbers
        }
    }

    private func fires(_ key: ScheduleKey, _ rest: String, _ values: [Int64])
        async throws(StoreError) -> [FireRow]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(FireColumns.selected) FROM schedule_fires \
                WHERE workspace_id = ?1 AND schedule_id = ?2 AND \(rest)
                """)
            select.bind(1, key.workspaceID)
            select.bind(2, key.scheduleID)
            for (index, value) in values.enumerated() { select.bind(Int32(index + 3), value) }
            var rows: [FireRow] = []
            while try select.step() { rows.append(try FireColumns.read(select)) }
            return rows
        }
    }

    private static func schedules(_ select: SQLStatement) throws -> [ScheduleRow] {
        var rows: [ScheduleRow] = []
        while try select.step() { rows.append(try ScheduleColumns.read(select)) }
        return rows
    }
}
