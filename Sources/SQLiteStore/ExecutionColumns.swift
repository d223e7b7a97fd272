internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// How an execution row lies in the table `executions`.
enum ExecutionColumns {
    /// What `read` expects to find from column 0 on.
    static let selected = """
        number, id, workspace_id, pod_id, workflow_id, workflow_version, workflow_name, state, \
        trigger_kind, triggered_by, created_at, started_at, ended_at, waiting_until, wake_at, \
        last_sequence, priority, key, source_id, error_message, details, node_count
        """

    /// How many `selected` names: the next column of a query that asks for more.
    static let selectedCount: Int32 = 22

    static let insert = """
        INSERT INTO executions (\(selected)) VALUES \
        (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    private static let mutable = """
        started_at = ?, ended_at = ?, waiting_until = ?, wake_at = ?, last_sequence = ?, \
        error_message = ?, details = ?, node_count = ?
        """

    /// State and number follow the mutable columns.
    static let update = "UPDATE executions SET \(mutable) WHERE state = ? AND number = ?"

    /// Spares the indexes that hold the state where it stays.
    static let updateState =
        "UPDATE executions SET \(mutable), state = ? WHERE state = ? AND number = ?"

    /// Binds all columns to `insert`.
    static func bindInsert(_ row: ExecutionRow, state: StateCode, to statement: SQLStatement)
        throws
    {
        let execution = row.execution
        guard let id = ExecutionID(execution.id) else {
            throw StoreError(.conflict, "execution id \(execution.id) is no UUID")
        }
        guard let created = execution.createTime else {
            throw StoreError(.conflict, "execution \(execution.number) has no create_time")
        }
        statement.bind(1, execution.number)
        statement.bind(2, id.bytes)
        statement.bind(3, execution.workspaceID)
        statement.bind(4, execution.podID)
        statement.bind(5, execution.workflowID)
        statement.bind(6, Int64(execution.workflowVersion))
        statement.bind(7, execution.workflowName)
        statement.bind(8, state.rawValue)
        statement.bind(9, Int64(execution.trigger.rawValue))
        statement.bind(10, execution.triggeredBy)
        statement.bind(11, created.microseconds)
        statement.bind(12, execution.startTime?.microseconds)
        statement.bind(13, execution.endTime?.microseconds)
        statement.bind(14, execution.waitingUntil?.microseconds)
        statement.bind(15, row.wakeAt?.microseconds)
        statement.bind(16, execution.lastSequence)
        statement.bind(17, Int64(execution.priority))
        statement.bind(18, execution.key.isEmpty ? nil : execution.key)
        statement.bind(19, execution.sourceID.isEmpty ? nil : execution.sourceID)
        statement.bind(20, execution.error?.message)
        statement.bind(21, details(execution))
        statement.bind(22, Int64(execution.nodeCount))
    }

    /// Binds the mutable columns to `update` or `updateState`.
    /// - Returns: the next parameter.
    static func bindMutable(_ row: ExecutionRow, to statement: SQLStatement) -> Int32 {
        let execution = row.execution
        statement.bind(1, execution.startTime?.microseconds)
        statement.bind(2, execution.endTime?.microseconds)
        statement.bind(3, execution.waitingUntil?.microseconds)
        statement.bind(4, row.wakeAt?.microseconds)
        statement.bind(5, execution.lastSequence)
        statement.bind(6, execution.error?.message)
        statement.bind(7, details(execution))
        statement.bind(8, Int64(execution.nodeCount))
        return 9
    }

    /// Reads a row of `SELECT selected`.
    static func read(_ statement: SQLStatement) throws -> ExecutionRow {
        var execution = Execution()
        if !statement.isNull(20) {
            execution = try unsafe statement.withBlob(20) { bytes throws(ProtobufDecodingError) in
                try unsafe Execution(protobufBytes: bytes)
            }
        }
        let state = StateCode(rawValue: statement.integer(7)).state
        execution.number = statement.integer(0)
        execution.id = unsafe statement.withBlob(1) { unsafe ExecutionID(bytes: $0).description }
        execution.workspaceID = statement.text(2)
        execution.podID = statement.text(3)
        execution.workflowID = statement.text(4)
        execution.workflowVersion = Int32(truncatingIfNeeded: statement.integer(5))
        execution.workflowName = statement.text(6)
        execution.status = state.status
        execution.reason = state.reason
        execution.trigger = TriggerKind(rawValue: Int32(truncatingIfNeeded: statement.integer(8)))
        execution.triggeredBy = statement.text(9)
        execution.createTime = Timestamp(microseconds: statement.integer(10))
        execution.startTime = statement.optionalInteger(11).map(Timestamp.init(microseconds:))
        execution.endTime = statement.optionalInteger(12).map(Timestamp.init(microseconds:))
        execution.waitingUntil = statement.optionalInteger(13).map(Timestamp.init(microseconds:))
        execution.lastSequence = statement.integer(15)
        execution.priority = Int32(truncatingIfNeeded: statement.integer(16))
        execution.key = statement.text(17)
        execution.sourceID = statement.text(18)
        execution.nodeCount = Int32(truncatingIfNeeded: statement.integer(21))
        if let message = statement.optionalText(19) { execution.error?.message = message }
        return ExecutionRow(
            execution: execution,
            wakeAt: statement.optionalInteger(14).map(WallTime.init(microseconds:)))
    }

    /// The rest of the message, encoded; nil where all of it is at its default, as it mostly is.
    private static func details(_ execution: Execution) -> [UInt8]? {
        guard
            execution.error != nil || !execution.interrupts.isEmpty || !execution.endedBy.isEmpty
                || !execution.endReason.isEmpty || !execution.parentID.isEmpty
                || !execution.traceparent.isEmpty || !execution.nextWakeUp.isEmpty
                || execution.batchNumber != 0 || execution.notBefore != nil
                || !execution.concurrencyKey.isEmpty
                || !execution.currentNodeID.isEmpty || execution.traceLogs
                || execution.sourceNumber != 0
                || !execution.triggerID.isEmpty
        else { return nil }
        var rest = Execution()
        rest.error = execution.error
        // It has a column of its own, which is searched.
        rest.error?.message = ""
        rest.interrupts = execution.interrupts
        rest.endedBy = execution.endedBy
        rest.endReason = execution.endReason
        rest.parentID = execution.parentID
        rest.traceparent = execution.traceparent
        rest.nextWakeUp = execution.nextWakeUp
        rest.batchNumber = execution.batchNumber
        rest.notBefore = execution.notBefore
        rest.concurrencyKey = execution.concurrencyKey
        rest.currentNodeID = execution.currentNodeID
        rest.pausedNodeID = execution.pausedNodeID
        rest.pauseReason = execution.pauseReason
        rest.traceLogs = execution.traceLogs
        rest.breakpoints = execution.breakpoints
        rest.sourceNumber = execution.sourceNumber
        rest.triggerID = execution.triggerID
        rest.nominalTime = execution.nominalTime
        return unsafe rest.withProtobufBytes { unsafe Array($0) }
    }
}

extension ExecutionID {
    /// Big endian, so that ids sort as they grow.
    var bytes: [UInt8] {
        (0..<16).map { index in
            UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index % 8)))
        }
    }

    /// From 16 bytes; missing ones are zero.
    init(bytes: UnsafeRawBufferPointer) {
        var halves: (UInt64, UInt64) = (0, 0)
        for index in 0..<min(16, bytes.count) {
            let byte = unsafe UInt64(bytes[index]) << UInt64(56 - 8 * (index % 8))
            if index < 8 { halves.0 |= byte } else { halves.1 |= byte }
        }
        self.init(high: halves.0, low: halves.1)
    }
}
