internal import GRDB
package import Messages
package import Model
internal import ProtobufRuntime
package import Store

/// Readings of bulk operations.
extension SQLiteStore {
    private static let bulkColumns = """
        number, status, ended_at, total, processed, succeeded, skipped, failed, stopped_by, \
        cursor_created_at, cursor_number, taken_all, details, principal, stop_reason
        """

    package func bulk(_ reference: ExecutionReference, workspaceID: String?)
        async throws(StoreError) -> BulkRow?
    {
        try await read { database in
            let select: SQLStatement
            switch reference {
            case .number(let number):
                select = try SQLStatement(
                    database, "SELECT \(Self.bulkColumns) FROM bulks WHERE number = ?")
                select.bind(1, number.rawValue)
            case .id(let id):
                select = try SQLStatement(
                    database, "SELECT \(Self.bulkColumns) FROM bulks WHERE id = ?")
                select.bind(1, id.bytes)
            }
            guard try select.step() else { return nil }
            defer { select.reset() }
            let row = try Self.bulk(select)
            return workspaceID == nil || row.operation.workspaceID == workspaceID ? row : nil
        }
    }

    package func bulk(requestID: String, workspaceID: String) async throws(StoreError)
        -> (operation: BulkOperation, hash: [UInt8])?
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.bulkColumns), request_hash FROM bulks \
                WHERE workspace_id = ? AND request_id = ?
                """)
            select.bind(1, workspaceID)
            select.bind(2, requestID)
            guard try select.step() else { return nil }
            defer { select.reset() }
            return (try Self.bulk(select).operation, select.blob(15))
        }
    }

    package func bulks(workspaceID: String, statuses: [BulkStatus], before: Int64?, limit: Int)
        async throws(StoreError) -> [BulkOperation]
    {
        let wanted = "[" + statuses.map { "\($0.rawValue)" }.joined(separator: ",") + "]"
        return try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.bulkColumns) FROM bulks INDEXED BY bulks_by_workspace \
                WHERE workspace_id = ?1 AND number < ?2 \
                AND (?3 = '[]' OR status IN (SELECT value FROM json_each(?3))) \
                ORDER BY number DESC LIMIT ?4
                """)
            select.bind(1, workspaceID)
            select.bind(2, before ?? .max)
            select.bind(3, wanted)
            select.bind(4, Int64(limit))
            var operations: [BulkOperation] = []
            while try select.step() { operations.append(try Self.bulk(select).operation) }
            return operations
        }
    }

    package func openBulks(after number: Int64, limit: Int) async throws(StoreError)
        -> [(number: Int64, workspaceID: String)]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT number, workspace_id FROM bulks INDEXED BY bulks_by_open \
                WHERE ended_at IS NULL AND number > ? ORDER BY number LIMIT ?
                """)
            select.bind(1, number)
            select.bind(2, Int64(limit))
            var open: [(Int64, String)] = []
            while try select.step() { open.append((select.integer(0), select.text(1))) }
            return open
        }
    }

    package func bulkResults(
        _ number: Int64, after position: Int64, outcomes: [BulkOutcome], limit: Int
    ) async throws(StoreError) -> [BulkResult] {
        let wanted = "[" + outcomes.map { "\($0.rawValue)" }.joined(separator: ",") + "]"
        return try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT position, number, outcome, result FROM bulk_results \
                WHERE bulk_number = ?1 AND position > ?2 \
                AND (?3 = '[]' OR outcome IN (SELECT value FROM json_each(?3))) \
                ORDER BY position LIMIT ?4
                """)
            select.bind(1, number)
            select.bind(2, position)
            select.bind(3, wanted)
            select.bind(4, Int64(limit))
            var results: [BulkResult] = []
            while try select.step() {
                var result = try unsafe select.withBlob(3) {
                    bytes throws(ProtobufDecodingError) in
                    try unsafe BulkResult(protobufBytes: bytes)
                }
                result.position = select.integer(0)
                result.executionNumber = select.integer(1)
                result.outcome = BulkOutcome(
                    rawValue: Int32(truncatingIfNeeded: select.integer(2)))
                results.append(result)
            }
            return results
        }
    }

    private static func bulk(_ select: SQLStatement) throws -> BulkRow {
        var operation = try unsafe select.withBlob(12) { bytes throws(ProtobufDecodingError) in
            try unsafe BulkOperation(protobufBytes: bytes)
        }
        operation.number = select.integer(0)
        operation.status = BulkStatus(rawValue: Int32(truncatingIfNeeded: select.integer(1)))
        operation.endTime = select.optionalInteger(2).map(Timestamp.init(microseconds:))
        operation.total = select.integer(3)
        operation.processed = select.integer(4)
        operation.succeeded = select.integer(5)
        operation.skipped = select.integer(6)
        operation.failed = select.integer(7)
        operation.stoppedBy = select.text(8)
        operation.stopReason = select.text(14)
        var cursor: ExecutionQuery.Position?
        if let createdAt = select.optionalInteger(9) {
            cursor = ExecutionQuery.Position(
                createdAt: WallTime(microseconds: createdAt),
                number: ExecutionNumber(rawValue: select.integer(10)))
        }
        var principal: Principal?
        if !select.isNull(13) {
            principal = try unsafe select.withBlob(13) { bytes throws(ProtobufDecodingError) in
                try unsafe Principal(protobufBytes: bytes)
            }
        }
        return BulkRow(
            operation: operation, cursor: cursor, hasTakenAll: select.integer(11) != 0,
            principal: principal)
    }
}
