internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Changes of bulk operations.
extension CommitWriter {
    func apply(_ change: BulkChange) throws {
        switch change {
        case .insert(
            let operation, let principal, let requestID, let requestHash, let openMax, let keep):
            try checkBulk(operation, requestID: requestID, openMax: openMax)
            try insertBulk(
                operation, principal, requestID: requestID, requestHash: requestHash)
            try deleteOldBulks(workspaceID: operation.workspaceID, keep: keep)
        case .take(let number, let executions, let cursor, let hasTakenAll):
            try take(number, executions, cursor: cursor, hasTakenAll: hasTakenAll)
        case .settle(let number, let results): try settle(number, results)
        case .stop(let number, let principal):
            let update = try statement(
                """
                UPDATE bulks SET status = \(BulkStatus.stopped.rawValue), stopped_by = ? \
                WHERE number = ? AND status = \(BulkStatus.running.rawValue) AND taken_all = 0
                """)
            update.bind(1, principal)
            update.bind(2, number)
            guard try self.change(update) == 1 else { throw CommitOutcome.Refusal.notFound }
        case .halt(let number, let reason):
            let update = try statement(
                """
                UPDATE bulks SET status = \(BulkStatus.stopped.rawValue), stop_reason = ? \
                WHERE number = ? AND status = \(BulkStatus.running.rawValue)
                """)
            update.bind(1, reason)
            update.bind(2, number)
            try self.change(update)
        case .end(let number, let instant):
            let update = try statement(
                """
                UPDATE bulks SET ended_at = ?, status = CASE status \
                WHEN \(BulkStatus.running.rawValue) THEN \(BulkStatus.completed.rawValue) \
                ELSE status END WHERE number = ? AND ended_at IS NULL
                """)
            update.bind(1, instant.microseconds)
            update.bind(2, number)
            try self.change(update)
        }
    }

    private func checkBulk(_ operation: BulkOperation, requestID: String, openMax: Int) throws {
        if !requestID.isEmpty {
            let other = try statement(
                "SELECT 1 FROM bulks WHERE workspace_id = ? AND request_id = ?")
            other.bind(1, operation.workspaceID)
            other.bind(2, requestID)
            if try other.step() {
                other.reset()
                throw CommitOutcome.Refusal.nameInUse
            }
        }
        let open = try statement(
            "SELECT count(*) FROM bulks WHERE workspace_id = ? AND ended_at IS NULL")
        open.bind(1, operation.workspaceID)
        defer { open.reset() }
        if try open.step(), open.integer(0) >= Int64(openMax) {
            throw CommitOutcome.Refusal.tooMany
        }
    }

    private func insertBulk(
        _ operation: BulkOperation, _ principal: Principal?, requestID: String,
        requestHash: [UInt8]
    ) throws {
        guard let id = ExecutionID(operation.id) else {
            throw StoreError(.conflict, "operation id \(operation.id) is no UUID")
        }
        let insert = try statement(
            """
            INSERT INTO bulks (id, workspace_id, status, created_at, total, request_id, \
            request_hash, details, principal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insert.bind(1, id.bytes)
        insert.bind(2, operation.workspaceID)
        insert.bind(3, Int64(BulkStatus.running.rawValue))
        insert.bind(4, operation.startTime?.microseconds ?? 0)
        insert.bind(5, operation.total)
        insert.bind(6, requestID.isEmpty ? nil : requestID)
        insert.bind(7, requestID.isEmpty ? nil : requestHash)
        insert.bind(8, BatchColumns.encoded(operation))
        insert.bind(9, principal.map { BatchColumns.encoded($0) })
        try change(insert)
    }

    private func deleteOldBulks(workspaceID: String, keep: Int) throws {
        let select = try statement(
            """
            SELECT number FROM bulks WHERE workspace_id = ? AND ended_at IS NOT NULL \
            ORDER BY number DESC LIMIT 1 OFFSET ?
            """)
        select.bind(1, workspaceID)
        select.bind(2, Int64(keep))
        guard try select.step() else { return }
        let number = select.integer(0)
        select.reset()
        for sql in [
            "DELETE FROM bulk_results WHERE bulk_number = ?", "DELETE FROM bulks WHERE number = ?",
        ] {
            let delete = try statement(sql)
            delete.bind(1, number)
            try change(delete)
        }
    }

    private func take(
        _ number: Int64, _ executions: [(number: ExecutionNumber, id: String)],
        cursor: ExecutionQuery.Position?, hasTakenAll: Bool
    ) throws {
        let select = try statement("SELECT processed, status FROM bulks WHERE number = ?")
        select.bind(1, number)
        guard try select.step() else { throw CommitOutcome.Refusal.notFound }
        var position = select.integer(0)
        let status = select.integer(1)
        select.reset()
        guard status == Int64(BulkStatus.running.rawValue) else {
            throw CommitOutcome.Refusal.notFound
        }
        for execution in executions {
            position += 1
            let insert = try statement("INSERT INTO bulk_results VALUES (?, ?, ?, ?, ?)")
            insert.bind(1, number)
            insert.bind(2, position)
            insert.bind(3, execution.number.rawValue)
            insert.bind(4, Int64(BulkOutcome.pending.rawValue))
            insert.bind(5, BatchColumns.encoded(BulkResult(executionID: execution.id)))
            try change(insert)
        }
        let update = try statement(
            """
            UPDATE bulks SET processed = ?, cursor_created_at = ?, cursor_number = ?, \
            taken_all = ? WHERE number = ?
            """)
        update.bind(1, position)
        update.bind(2, cursor?.createdAt.microseconds)
        update.bind(3, cursor?.number.rawValue)
        update.bind(4, hasTakenAll ? 1 : 0)
        update.bind(5, number)
        try change(update)
    }

    private func settle(_ number: Int64, _ results: [BulkResult]) throws {
        var counts: [BulkOutcome: Int64] = [:]
        for result in results {
            let update = try statement(
                """
                UPDATE bulk_results SET outcome = ?, result = ? WHERE bulk_number = ? \
                AND position = ? AND outcome = \(BulkOutcome.pending.rawValue)
                """)
            var rest = result
            rest.position = 0
            rest.executionNumber = 0
            rest.outcome = .unspecified
            update.bind(1, Int64(result.outcome.rawValue))
            update.bind(2, BatchColumns.encoded(rest))
            update.bind(3, number)
            update.bind(4, result.position)
            if try change(update) == 1 { counts[result.outcome, default: 0] += 1 }
        }
        let update = try statement(
            """
            UPDATE bulks SET succeeded = succeeded + ?, skipped = skipped + ?, \
            failed = failed + ? WHERE number = ?
            """)
        update.bind(1, counts[.succeeded] ?? 0)
        update.bind(2, counts[.skipped] ?? 0)
        update.bind(3, counts[.failed] ?? 0)
        update.bind(4, number)
        try change(update)
    }
}
