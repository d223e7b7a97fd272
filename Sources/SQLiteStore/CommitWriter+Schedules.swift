internal import Messages
internal import Model
internal import Store

/// Changes of schedules.
extension CommitWriter {
    func apply(_ change: ScheduleChange) throws {
        switch change {
        case .insert(let row, let max): try insertSchedule(row, max: max)
        case .replace(let row, let expected): try replaceSchedule(row, expecting: expected)
        case .delete(let key): try deleteSchedule(key)
        case .advance(let key, let from, let through, let nextAt):
            try advanceSchedule(key, from: from, through: through, nextAt: nextAt)
        case .insertFire(let row, let replacing): try insertFire(row, replacing: replacing)
        case .settleFire(let row): try settleFire(row)
        case .tidyFires(let key, let keep): try tidyFires(key, keep: keep)
        }
    }

    private func insertSchedule(_ row: ScheduleRow, max: Int) throws {
        try checkPod(row.schedule.podID, workspaceID: row.key.workspaceID)
        let count = try statement("SELECT count(*) FROM schedules WHERE workspace_id = ?")
        count.bind(1, row.key.workspaceID)
        defer { count.reset() }
        if try count.step(), count.integer(0) >= Int64(max) {
            throw CommitOutcome.Refusal.tooMany
        }
        let insert = try statement(
            """
            INSERT OR IGNORE INTO schedules (pod_id, workflow_id, decided_through, next_at, stored, \
            workspace_id, schedule_id) VALUES (?, ?, ?, ?, ?, ?, ?)
            """)
        ScheduleColumns.bind(row, to: insert)
        guard try self.change(insert) == 1 else { throw CommitOutcome.Refusal.nameInUse }
    }

    private func replaceSchedule(_ row: ScheduleRow, expecting expected: ScheduleRow) throws {
        let select = try keyed(
            """
            SELECT \(ScheduleColumns.selected) FROM schedules \
            WHERE workspace_id = ? AND schedule_id = ?
            """, row.key)
        defer { select.reset() }
        guard try select.step() else { throw CommitOutcome.Refusal.notFound }
        guard try ScheduleColumns.read(select) == expected else {
            throw CommitOutcome.Refusal.changed
        }
        let update = try statement(
            """
            UPDATE schedules SET pod_id = ?, workflow_id = ?, decided_through = ?, next_at = ?, \
            stored = ? WHERE workspace_id = ? AND schedule_id = ?
            """)
        ScheduleColumns.bind(row, to: update)
        try change(update)
    }

    private func deleteSchedule(_ key: ScheduleKey) throws {
        let delete = try keyed(
            "DELETE FROM schedules WHERE workspace_id = ? AND schedule_id = ?", key)
        guard try change(delete) == 1 else { throw CommitOutcome.Refusal.notFound }
        try change(
            keyed("DELETE FROM schedule_fires WHERE workspace_id = ? AND schedule_id = ?", key))
    }

    private func advanceSchedule(
        _ key: ScheduleKey, from: WallTime, through: WallTime, nextAt: WallTime?
    ) throws {
        let update = try keyed(
            """
            UPDATE schedules SET decided_through = ?4, next_at = ?5 \
            WHERE workspace_id = ?1 AND schedule_id = ?2 AND decided_through = ?3
            """, key)
        update.bind(3, from.microseconds)
        update.bind(4, through.microseconds)
        update.bind(5, nextAt?.microseconds)
        guard try change(update) == 1 else { throw CommitOutcome.Refusal.alreadyFired }
    }

    // MARK: Fires

    private func insertFire(_ row: FireRow, replacing: Bool) throws {
        // 1 and 2 are FIRED and BUFFERED.
        let insert = try keyed(
            replacing
                ? """
                INSERT INTO schedule_fires VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                ON CONFLICT DO UPDATE SET outcome = ?4, policy = ?5, open_number = ?6, fire = ?7 \
                WHERE outcome NOT IN (1, 2)
                """
                : "INSERT OR IGNORE INTO schedule_fires VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            row.key)
        FireColumns.bind(row, to: insert)
        guard try change(insert) == 1 else { throw CommitOutcome.Refusal.alreadyFired }
    }

    private func settleFire(_ row: FireRow) throws {
        let update = try keyed(
            """
            UPDATE schedule_fires SET outcome = ?4, policy = ?5, open_number = ?6, fire = ?7 \
            WHERE workspace_id = ?1 AND schedule_id = ?2 AND nominal_at = ?3 AND outcome = 2
            """, row.key)
        FireColumns.bind(row, to: update)
        guard try change(update) == 1 else { throw CommitOutcome.Refusal.alreadyFired }
    }

    private func tidyFires(_ key: ScheduleKey, keep: Int) throws {
        // States from 4000 on are final.
        try change(
            keyed(
                """
                UPDATE schedule_fires SET open_number = NULL \
                WHERE workspace_id = ?1 AND schedule_id = ?2 AND open_number IS NOT NULL \
                AND NOT EXISTS (SELECT 1 FROM executions \
                WHERE number = open_number AND state < 4000)
                """, key))
        let delete = try keyed(
            """
            DELETE FROM schedule_fires WHERE workspace_id = ?1 AND schedule_id = ?2 \
            AND nominal_at < (SELECT nominal_at FROM schedule_fires WHERE workspace_id = ?1 \
            AND schedule_id = ?2 ORDER BY nominal_at DESC LIMIT 1 OFFSET ?3) \
            AND outcome <> 2 AND open_number IS NULL
            """, key)
        delete.bind(3, Int64(keep - 1))
        try change(delete)
    }

    private func keyed(_ sql: String, _ key: ScheduleKey) throws -> SQLStatement {
        let statement = try statement(sql)
        statement.bind(1, key.workspaceID)
        statement.bind(2, key.scheduleID)
        return statement
    }
}
