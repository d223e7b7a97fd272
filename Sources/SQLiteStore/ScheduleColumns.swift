internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// How a schedule lies in the table `schedules`.
enum ScheduleColumns {
    /// What `read` expects to find from column 0 on.
    static let selected = "decided_through, next_at, stored"

    /// The key comes last.
    static func bind(_ row: ScheduleRow, to statement: SQLStatement) {
        statement.bind(1, row.schedule.podID)
        statement.bind(2, row.spec.workflowID)
        statement.bind(3, row.decidedThrough.microseconds)
        statement.bind(4, row.nextAt?.microseconds)
        statement.bind(5, unsafe row.stored.withProtobufBytes { unsafe Array($0) })
        statement.bind(6, row.key.workspaceID)
        statement.bind(7, row.key.scheduleID)
    }

    /// What a row takes, in bytes, before it is read.
    static func bytes(_ statement: SQLStatement) -> Int {
        unsafe statement.withBlob(2) { bytes in bytes.count }
    }

    static func read(_ statement: SQLStatement) throws -> ScheduleRow {
        ScheduleRow(
            stored: try unsafe statement.withBlob(2) { bytes throws(ProtobufDecodingError) in
                try unsafe StoredSchedule(protobufBytes: bytes)
            },
            decidedThrough: WallTime(microseconds: statement.integer(0)),
            nextAt: statement.optionalInteger(1).map(WallTime.init(microseconds:)))
    }
}

/// How a fire lies in the table `schedule_fires`.
enum FireColumns {
    /// What `read` expects to find from column 0 on.
    static let selected = "workspace_id, schedule_id, policy, fire"

    /// The key comes first, and is bound already.
    static func bind(_ row: FireRow, to statement: SQLStatement) {
        statement.bind(3, row.fire.nominalTime?.microseconds ?? 0)
        statement.bind(4, Int64(row.fire.outcome.rawValue))
        statement.bind(5, Int64(row.policy.rawValue))
        statement.bind(6, row.fire.executionNumber == 0 ? nil : row.fire.executionNumber)
        statement.bind(7, unsafe row.fire.withProtobufBytes { unsafe Array($0) })
    }

    static func read(_ statement: SQLStatement) throws -> FireRow {
        FireRow(
            key: ScheduleKey(workspaceID: statement.text(0), scheduleID: statement.text(1)),
            fire: try unsafe statement.withBlob(3) { bytes throws(ProtobufDecodingError) in
                try unsafe ScheduleFire(protobufBytes: bytes)
            },
            policy: OverlapPolicy(rawValue: Int32(truncatingIfNeeded: statement.integer(2))))
    }
}
