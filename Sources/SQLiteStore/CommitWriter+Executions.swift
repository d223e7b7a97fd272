internal import Messages
internal import Model
internal import Store

/// Changes of executions and of what belongs to them.
extension CommitWriter {
    func checkKey(_ row: ExecutionRow) throws {
        guard !row.execution.key.isEmpty, !row.execution.status.isFinal else { return }
        let holder = try statement(
            """
            SELECT number FROM executions INDEXED BY executions_by_active_key \
            WHERE workspace_id = ? AND key = ? AND state < 4000
            """)
        holder.bind(1, row.execution.workspaceID)
        holder.bind(2, row.execution.key)
        guard try holder.step() else { return }
        let number = ExecutionNumber(rawValue: holder.integer(0))
        holder.reset()
        throw CommitOutcome.Refusal.keyInUse(number)
    }

    func insertExecution(_ row: ExecutionRow) throws {
        try checkKey(row)
        let execution = row.execution
        try checkWorkflow(of: execution)
        let number = ExecutionNumber(rawValue: execution.number)
        let state = try StateCode(ExecutionState(of: execution))
        let insert = try statement(ExecutionColumns.insert)
        try ExecutionColumns.bindInsert(row, state: state, to: insert)
        try change(insert)
        try insertInterrupts(of: execution)
        count(execution, state, 1)
        remember(number, lastSequence: 0)
    }

    func updateExecution(_ row: ExecutionRow, from: ExecutionState) throws {
        let execution = row.execution
        let old = try StateCode(from)
        let new = try StateCode(ExecutionState(of: execution))
        let update = try statement(
            old == new ? ExecutionColumns.update : ExecutionColumns.updateState)
        var parameter = ExecutionColumns.bindMutable(row, to: update)
        if old != new {
            update.bind(parameter, new.rawValue)
            parameter += 1
        }
        update.bind(parameter, old.rawValue)
        update.bind(parameter + 1, execution.number)
        guard try change(update) == 1 else {
            throw try missedUpdate(execution, from: from)
        }
        try replaceInterrupts(of: execution)
        guard old != new else { return }
        count(execution, old, -1)
        count(execution, new, 1)
        try countInBatch(execution, from: from.status)
        if let ended = execution.endTime, new.rawValue >= StateCode.finalMin {
            let requests = try statement("UPDATE requests SET ended_at = ? WHERE number = ?")
            requests.bind(1, ended.microseconds)
            requests.bind(2, execution.number)
            try change(requests)
            try leaveGroups(execution)
        }
    }

    private func missedUpdate(_ execution: Execution, from: ExecutionState) throws -> any Error {
        guard let stored = try state(ExecutionNumber(rawValue: execution.number)) else {
            return CommitOutcome.Refusal.notFound
        }
        return StoreError(
            .conflict, "execution \(execution.number) is \(stored.state), not \(from)")
    }

    private func state(_ number: ExecutionNumber) throws -> StateCode? {
        let select = try statement("SELECT state FROM executions WHERE number = ?")
        select.bind(1, number.rawValue)
        guard try select.step() else { return nil }
        defer { select.reset() }
        return StateCode(rawValue: select.integer(0))
    }

    func appendJournal(_ row: JournalRow) throws {
        let newest = try rememberedSequence(row.number) ?? storedSequence(row.number)
        guard row.firstSequence == newest + 1, row.eventCount >= 1 else {
            throw StoreError(
                .conflict,
                "journal \(row.number) goes on at \(newest + 1), but \(row.eventCount) events from \(row.firstSequence) came"
            )
        }
        guard row.lastSequence < Schema.sequenceLimit else {
            throw StoreError(
                .conflict,
                "journal \(row.number) would reach event \(row.lastSequence); the limit is \(Schema.sequenceLimit - 1)"
            )
        }
        let parts = try row.cut.map { try keep($0.parts) }
        let insert = try statement(
            """
            INSERT INTO journal (position, event_count, ends_execution, batch, parts) \
            VALUES (?, ?, ?, ?, ?)
            """)
        insert.bind(1, JournalPosition(row.number, row.firstSequence).rawValue)
        insert.bind(2, Int64(row.eventCount))
        insert.bind(3, row.endsExecution ? 1 : 0)
        insert.bind(4, row.cut?.rest ?? row.batch)
        insert.bind(5, parts?.bytes)
        try change(insert)
        remember(row.number, lastSequence: row.endsExecution ? nil : row.lastSequence)
    }

    /// Of the newest event; 0 if there is none yet.
    private func storedSequence(_ number: ExecutionNumber) throws -> Int64 {
        let select = try statement(
            """
            SELECT position, event_count, ends_execution FROM journal \
            WHERE position BETWEEN ? AND ? ORDER BY position DESC LIMIT 1
            """)
        select.bind(1, JournalPosition.first(number).rawValue)
        select.bind(2, JournalPosition.last(number).rawValue)
        if try select.step() {
            defer { select.reset() }
            let position = JournalPosition(rawValue: select.integer(0))
            guard select.integer(2) == 0 else {
                throw StoreError(.conflict, "journal \(number) has ended")
            }
            return position.sequence + select.integer(1) - 1
        }
        guard try state(number) != nil else { throw CommitOutcome.Refusal.notFound }
        return 0
    }

    func checkRequest(_ record: RequestRecord) throws {
        let select = try statement(
            """
            SELECT hash, number FROM requests \
            WHERE workspace_id = ? AND method = ? AND request_id = ?
            """)
        select.bind(1, record.workspaceID)
        select.bind(2, record.method)
        select.bind(3, record.requestID)
        guard try select.step() else { return }
        defer { select.reset() }
        throw CommitOutcome.Refusal.requestExists(
            RequestRecord(
                workspaceID: record.workspaceID, method: record.method,
                requestID: record.requestID, hash: select.blob(0),
                number: ExecutionNumber(rawValue: select.integer(1))))
    }

    func recordRequest(_ record: RequestRecord) throws {
        let insert = try statement(
            """
            INSERT INTO requests VALUES \
            (?, ?, ?, ?, ?5, (SELECT ended_at FROM executions WHERE number = ?5)) \
            ON CONFLICT DO NOTHING
            """)
        insert.bind(1, record.workspaceID)
        insert.bind(2, record.method)
        insert.bind(3, record.requestID)
        insert.bind(4, record.hash)
        insert.bind(5, record.number.rawValue)
        if try change(insert) == 0 { try checkRequest(record) }
    }

    func expireExecution(_ number: ExecutionNumber) throws {
        guard try !hasTags(number) else { throw CommitOutcome.Refusal.notEmpty }
        try deleteExecution(number)
    }

    func deleteExecution(_ number: ExecutionNumber) throws {
        let select = try statement(
            "SELECT \(ExecutionColumns.selected) FROM executions WHERE number = ?")
        select.bind(1, number.rawValue)
        guard try select.step() else { throw CommitOutcome.Refusal.notFound }
        defer { select.reset() }
        let execution = try ExecutionColumns.read(select).execution
        guard execution.status.isFinal else { throw CommitOutcome.Refusal.notFinal }
        let state = StateCode(rawValue: select.integer(7))
        select.reset()
        try erased(execution)

        try releasePayloads(of: number)
        let journal = try statement("DELETE FROM journal WHERE position BETWEEN ? AND ?")
        journal.bind(1, JournalPosition.first(number).rawValue)
        journal.bind(2, JournalPosition.last(number).rawValue)
        try change(journal)
        for sql in [
            "DELETE FROM requests WHERE number = ?",
            "DELETE FROM inbox WHERE recipient = ?",
            "UPDATE erased SET number_max = max(number_max, ?)",
            "DELETE FROM executions WHERE number = ?",
        ] {
            let delete = try statement(sql)
            delete.bind(1, number.rawValue)
            try change(delete)
        }
        count(execution, state, -1)
        remember(number, lastSequence: nil)
        try deleteUnusedInline(execution)
        erasedSomething()
    }

    func insertInbox(_ row: InboxRow) throws {
        let insert = try statement(
            """
            INSERT INTO inbox (recipient, body) SELECT ?1, ?2 \
            WHERE EXISTS (SELECT 1 FROM executions WHERE number = ?1)
            """)
        insert.bind(1, row.recipient.rawValue)
        insert.bind(2, row.body)
        try change(insert)
    }

    func deleteInbox(_ id: Int64) throws {
        let delete = try statement("DELETE FROM inbox WHERE id = ?")
        delete.bind(1, id)
        try change(delete)
    }
}
