internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Changes of batches.
extension CommitWriter {
    func apply(_ change: BatchChange) throws {
        switch change {
        case .insert(let row): try insertBatch(row)
        case .stop(let number, let principal, let reason):
            try stopBatch(number, by: principal, reason: reason)
        case .delete(let number): try deleteBatch(number)
        }
    }

    private func insertBatch(_ row: BatchRow) throws {
        let batch = row.batch
        if !row.requestID.isEmpty {
            let other = try statement(
                "SELECT 1 FROM batches WHERE workspace_id = ? AND request_id = ?")
            other.bind(1, batch.workspaceID)
            other.bind(2, row.requestID)
            if try other.step() {
                other.reset()
                throw CommitOutcome.Refusal.nameInUse
            }
        }
        let insert = try statement(BatchColumns.insert)
        try BatchColumns.bindInsert(row, to: insert)
        try change(insert)
        for item in row.items {
            let insert = try statement(
                "INSERT INTO batch_items (batch_number, position, number, item) VALUES (?, ?, ?, ?)"
            )
            insert.bind(1, batch.number)
            insert.bind(2, Int64(item.position))
            insert.bind(3, item.executionNumber)
            insert.bind(4, BatchColumns.encoded(item))
            try change(insert)
        }
    }

    private func stopBatch(_ number: Int64, by principal: String, reason: String) throws {
        let update = try statement(
            """
            UPDATE batches SET stopped_by = ?, stop_reason = ? \
            WHERE number = ? AND ended_at IS NULL AND stopped_by IS NULL
            """)
        update.bind(1, principal)
        update.bind(2, reason)
        update.bind(3, number)
        try change(update)
    }

    private func deleteBatch(_ number: Int64) throws {
        let select = try statement("SELECT ended_at FROM batches WHERE number = ?")
        select.bind(1, number)
        guard try select.step() else { throw CommitOutcome.Refusal.notFound }
        let isFinal = !select.isNull(0)
        select.reset()
        guard isFinal else { throw CommitOutcome.Refusal.notFinal }
        for sql in [
            "DELETE FROM batch_items WHERE batch_number = ?",
            "DELETE FROM batches WHERE number = ?",
        ] {
            let delete = try statement(sql)
            delete.bind(1, number)
            try change(delete)
        }
        erasedSomething()
    }

    /// Moves the counts of the execution's batch, and ends the batch with its last item.
    func countInBatch(_ execution: Execution, from: ExecutionStatus) throws {
        guard execution.batchNumber != 0, let old = BatchColumns.count(from),
            let new = BatchColumns.count(execution.status), from != execution.status
        else { return }
        // Both are names of columns.
        let counts = old == new ? "" : "\(old) = \(old) - 1, \(new) = \(new) + 1, "
        let move = try statement(
            "UPDATE batches SET \(counts)suspended = suspended + ?2 WHERE number = ?1")
        move.bind(1, execution.batchNumber)
        let entered: Int64 = execution.status == .suspended ? 1 : 0
        let left: Int64 = from == .suspended ? 1 : 0
        move.bind(2, entered - left)
        try change(move)
        guard execution.status.isFinal else { return }
        let end = try statement(
            """
            UPDATE batches SET ended_at = ?2, status = CASE \
            WHEN stopped_by IS NOT NULL AND stopped > 0 THEN \(BatchStatus.stopped.rawValue) \
            WHEN failed > 0 THEN \(BatchStatus.error.rawValue) \
            WHEN stopped > 0 THEN \(BatchStatus.stopped.rawValue) \
            ELSE \(BatchStatus.completed.rawValue) END \
            WHERE number = ?1 AND ended_at IS NULL AND queued = 0 AND running = 0
            """)
        end.bind(1, execution.batchNumber)
        end.bind(2, execution.endTime?.microseconds ?? 0)
        try change(end)
    }

    /// The execution is erased; its batch goes on telling how it ended.
    func keepErasedItem(_ execution: Execution) throws {
        guard execution.batchNumber != 0 else { return }
        let select = try statement("SELECT item FROM batch_items WHERE number = ?")
        select.bind(1, execution.number)
        guard try select.step() else { return }
        defer { select.reset() }
        var item = try BatchColumns.item(select, 0)
        select.reset()
        item.take(execution)
        item.erased = true
        let update = try statement("UPDATE batch_items SET erased = 1, item = ? WHERE number = ?")
        update.bind(1, BatchColumns.encoded(item))
        update.bind(2, execution.number)
        try change(update)
    }
}
