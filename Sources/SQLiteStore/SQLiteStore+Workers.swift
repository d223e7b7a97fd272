internal import GRDB
package import Model
package import Store

/// Readings of workers' tasks, kinds and queues.
extension SQLiteStore {
    static let kindColumns =
        "workspace_id, name, schema_json, registered_by, created_at, updated_at"
    static let queueColumns = "workspace_id, name, concurrency, tasks_per_minute"

    package func task(_ key: TaskKey) async throws(StoreError) -> TaskRow? {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(TaskColumns.selected), body FROM worker_tasks \
                WHERE number = ? AND node_path = ? AND attempt = ?
                """)
            select.bind(1, key.number.rawValue)
            select.bind(2, key.nodePath)
            select.bind(3, Int64(key.attempt))
            defer { select.reset() }
            guard try select.step() else { return nil }
            return TaskRow(head: TaskColumns.head(select), body: select.blob(10))
        }
    }

    package func tasks(workspaceID: String?, after: TaskPosition?, limit: Int)
        async throws(StoreError) -> [(task: TaskHead, position: TaskPosition)]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(TaskColumns.selected), task_id FROM worker_tasks \
                WHERE (order_priority, task_id) > (?1, ?2)\
                \(workspaceID == nil ? "" : " AND workspace_id = ?4") \
                ORDER BY order_priority, task_id LIMIT ?3
                """)
            select.bind(1, after.map { -Int64($0.priority) } ?? Int64.min)
            select.bind(2, after?.id ?? 0)
            select.bind(3, Int64(limit))
            if let workspaceID { select.bind(4, workspaceID) }
            var found: [(TaskHead, TaskPosition)] = []
            while try select.step() {
                let head = TaskColumns.head(select)
                found.append(
                    (head, TaskPosition(priority: head.priority, id: select.integer(10))))
            }
            return found
        }
    }

    package func kind(_ name: String, workspaceID: String) async throws(StoreError) -> KindRow? {
        try await read { database in
            let select = try SQLStatement(
                database,
                "SELECT \(Self.kindColumns) FROM worker_kinds WHERE workspace_id = ? AND name = ?")
            select.bind(1, workspaceID)
            select.bind(2, name)
            defer { select.reset() }
            return try select.step() ? Self.kind(select) : nil
        }
    }

    package func kinds(workspaceID: String, after name: String?, room: PageRoom)
        async throws(StoreError) -> KindPage
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.kindColumns) FROM worker_kinds \
                WHERE workspace_id = ? AND name > ? ORDER BY name
                """)
            select.bind(1, workspaceID)
            select.bind(2, name ?? "")
            defer { select.reset() }
            var room = room
            var kinds: [KindRow] = []
            while try select.step() {
                let kind = Self.kind(select)
                guard room.take(kind.schemaJSON.utf8.count) else {
                    return KindPage(kinds: kinds, hasMore: true)
                }
                kinds.append(kind)
            }
            return KindPage(kinds: kinds, hasMore: false)
        }
    }

    package func queues(workspaceID: String?) async throws(StoreError) -> [QueueRow] {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.queueColumns) FROM worker_queues \
                WHERE ?1 IS NULL OR workspace_id = ?1 ORDER BY workspace_id, name
                """)
            select.bind(1, workspaceID)
            var rows: [QueueRow] = []
            while try select.step() {
                rows.append(
                    QueueRow(
                        workspaceID: select.text(0), name: select.text(1),
                        concurrency: Int32(select.integer(2)),
                        tasksPerMinute: Int32(select.integer(3))))
            }
            return rows
        }
    }

    private static func kind(_ select: SQLStatement) -> KindRow {
        KindRow(
            workspaceID: select.text(0), name: select.text(1), schemaJSON: select.text(2),
            registeredBy: select.text(3),
            createdAt: WallTime(microseconds: select.integer(4)),
            updatedAt: WallTime(microseconds: select.integer(5)))
    }
}
