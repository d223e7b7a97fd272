internal import Model
internal import Store

/// How a task lies in the table `worker_tasks`.
enum TaskColumns {
    /// What `head` expects to find from column 0 on.
    static let selected = """
        number, node_path, attempt, workspace_id, kind, queue, order_priority, created_at, \
        heartbeat_timeout, has_secrets
        """

    static func bind(_ row: TaskRow, to statement: SQLStatement) {
        let head = row.head
        statement.bind(1, head.key.number.rawValue)
        statement.bind(2, head.key.nodePath)
        statement.bind(3, Int64(head.key.attempt))
        statement.bind(4, head.workspaceID)
        statement.bind(5, head.kind)
        statement.bind(6, head.queue)
        statement.bind(7, -Int64(head.priority))
        statement.bind(8, head.createdAt.microseconds)
        statement.bind(9, microseconds(head.heartbeatTimeout))
        statement.bind(10, Int64(head.hasSecrets ? 1 : 0))
        statement.bind(11, row.body)
    }

    static func head(_ statement: SQLStatement) -> TaskHead {
        TaskHead(
            key: TaskKey(
                number: ExecutionNumber(rawValue: statement.integer(0)),
                nodePath: statement.text(1), attempt: Int32(statement.integer(2))),
            workspaceID: statement.text(3), kind: statement.text(4), queue: statement.text(5),
            priority: Int32(-statement.integer(6)),
            createdAt: WallTime(microseconds: statement.integer(7)),
            heartbeatTimeout: .microseconds(statement.integer(8)),
            hasSecrets: statement.integer(9) != 0)
    }

    private static func microseconds(_ duration: Duration) -> Int64 {
        WallTime(microseconds: 0).advanced(by: duration).microseconds
    }
}
