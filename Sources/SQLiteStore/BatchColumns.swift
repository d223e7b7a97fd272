internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// How a batch lies in the table `batches`, and its items in `batch_items`.
enum BatchColumns {
    /// What `read` expects to find from column 0 on; `faults` may follow.
    static let selected = """
        number, id, workspace_id, pod_id, status, created_at, ended_at, total, queued, running, \
        completed, failed, stopped, stopped_by, stop_reason, suspended, details
        """

    static let insert = """
        INSERT INTO batches (number, id, workspace_id, pod_id, status, created_at, total, queued, \
        running, completed, failed, stopped, request_id, request_hash, details, faults) VALUES \
        (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?, ?, ?, ?)
        """

    static func bindInsert(_ row: BatchRow, to statement: SQLStatement) throws {
        let batch = row.batch
        guard let id = ExecutionID(batch.id) else {
            throw StoreError(.conflict, "batch id \(batch.id) is no UUID")
        }
        statement.bind(1, batch.number)
        statement.bind(2, id.bytes)
        statement.bind(3, batch.workspaceID)
        statement.bind(4, batch.podID)
        statement.bind(5, Int64(batch.status.rawValue))
        statement.bind(6, batch.startTime?.microseconds ?? 0)
        statement.bind(7, Int64(batch.total))
        statement.bind(8, Int64(batch.queued))
        statement.bind(9, row.requestID.isEmpty ? nil : row.requestID)
        statement.bind(10, row.requestID.isEmpty ? nil : row.requestHash)
        var rest = Batch()
        rest.source = batch.source
        rest.folderPath = batch.folderPath
        rest.invalid = batch.invalid
        rest.workers = batch.workers
        rest.priority = batch.priority
        rest.startedBy = batch.startedBy
        statement.bind(11, encoded(rest))
        statement.bind(12, batch.faults.isEmpty ? nil : encoded(Batch(faults: batch.faults)))
    }

    static func read(_ statement: SQLStatement, withFaults: Bool = false) throws -> Batch {
        var batch = try Self.batch(statement, 16)
        batch.number = statement.integer(0)
        batch.id = unsafe statement.withBlob(1) { unsafe ExecutionID(bytes: $0).description }
        batch.workspaceID = statement.text(2)
        batch.podID = statement.text(3)
        batch.status = BatchStatus(rawValue: Int32(truncatingIfNeeded: statement.integer(4)))
        batch.startTime = Timestamp(microseconds: statement.integer(5))
        batch.endTime = statement.optionalInteger(6).map(Timestamp.init(microseconds:))
        batch.total = Int32(truncatingIfNeeded: statement.integer(7))
        batch.queued = Int32(truncatingIfNeeded: statement.integer(8))
        batch.running = Int32(truncatingIfNeeded: statement.integer(9))
        batch.completed = Int32(truncatingIfNeeded: statement.integer(10))
        batch.failed = Int32(truncatingIfNeeded: statement.integer(11))
        batch.stopped = Int32(truncatingIfNeeded: statement.integer(12))
        batch.stoppedBy = statement.text(13)
        batch.stopReason = statement.text(14)
        batch.suspended = Int32(truncatingIfNeeded: statement.integer(15))
        if withFaults, !statement.isNull(17) {
            batch.faults = try Self.batch(statement, 17).faults
        }
        return batch
    }

    static func item(_ statement: SQLStatement, _ column: Int32) throws -> BatchItem {
        try unsafe statement.withBlob(column) { bytes throws(ProtobufDecodingError) in
            try unsafe BatchItem(protobufBytes: bytes)
        }
    }

    private static func batch(_ statement: SQLStatement, _ column: Int32) throws -> Batch {
        try unsafe statement.withBlob(column) { bytes throws(ProtobufDecodingError) in
            try unsafe Batch(protobufBytes: bytes)
        }
    }

    static func encoded(_ message: some ProtobufMessage) -> [UInt8] {
        unsafe message.withProtobufBytes { unsafe Array($0) }
    }

    /// The column that counts executions in this status.
    static func count(_ status: ExecutionStatus) -> String? {
        switch status {
        case .queued: "queued"
        case .running, .suspended: "running"
        case .completed: "completed"
        case .failed: "failed"
        case .cancelled: "stopped"
        case .unspecified, .unrecognized: nil
        }
    }
}

extension BatchItem {
    /// Takes over how the execution stands, of its error without details, which may be large.
    mutating func take(_ execution: Execution) {
        status = execution.status
        error = execution.error
        error?.detailsJSON = ""
        startTime = execution.startTime
        endTime = execution.endTime
    }
}
