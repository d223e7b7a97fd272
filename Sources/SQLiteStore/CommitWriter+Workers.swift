internal import Model
internal import Store

/// Changes of workers' tasks, kinds and queues.
extension CommitWriter {
    func apply(_ worker: WorkerChange) throws {
        switch worker {
        case .task(let change): try apply(change)
        case .putKind(let row, let limit): try putKind(row, limit: limit)
        case .deleteKind(let workspaceID, let name):
            try delete(name, from: "worker_kinds", workspaceID: workspaceID)
        case .putQueue(let row, let limit): try putQueue(row, limit: limit)
        case .deleteQueue(let workspaceID, let name):
            try delete(name, from: "worker_queues", workspaceID: workspaceID)
        }
    }

    private func apply(_ task: TaskChange) throws {
        switch task {
        case .insert(let row):
            let insert = try statement(
                """
                INSERT OR REPLACE INTO worker_tasks (\(TaskColumns.selected), body) \
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
            TaskColumns.bind(row, to: insert)
            try change(insert)
        case .end(let key):
            guard try deleteTask(key) == 1 else { throw CommitOutcome.Refusal.notFound }
        case .withdraw(let key):
            try deleteTask(key)
        }
    }

    @discardableResult
    private func deleteTask(_ key: TaskKey) throws -> Int {
        let delete = try statement(
            "DELETE FROM worker_tasks WHERE number = ? AND node_path = ? AND attempt = ?")
        delete.bind(1, key.number.rawValue)
        delete.bind(2, key.nodePath)
        delete.bind(3, Int64(key.attempt))
        return try change(delete)
    }

    private func putKind(_ row: KindRow, limit: Int) throws {
        try checkRoom(for: row.name, in: "worker_kinds", row.workspaceID, limit: limit)
        let insert = try statement(
            """
            INSERT INTO worker_kinds (\(SQLiteStore.kindColumns)) VALUES (?, ?, ?, ?, ?, ?) \
            ON CONFLICT DO UPDATE SET schema_json = excluded.schema_json, \
            registered_by = excluded.registered_by, updated_at = excluded.updated_at \
            WHERE schema_json <> excluded.schema_json
            """)
        insert.bind(1, row.workspaceID)
        insert.bind(2, row.name)
        insert.bind(3, row.schemaJSON)
        insert.bind(4, row.registeredBy)
        insert.bind(5, row.createdAt.microseconds)
        insert.bind(6, row.updatedAt.microseconds)
        try change(insert)
    }

    private func putQueue(_ row: QueueRow, limit: Int) throws {
        try checkRoom(for: row.name, in: "worker_queues", row.workspaceID, limit: limit)
        let insert = try statement(
            """
            INSERT INTO worker_queues (\(SQLiteStore.queueColumns)) VALUES (?, ?, ?, ?) \
            ON CONFLICT DO UPDATE SET concurrency = excluded.concurrency, \
            tasks_per_minute = excluded.tasks_per_minute
            """)
        insert.bind(1, row.workspaceID)
        insert.bind(2, row.name)
        insert.bind(3, Int64(row.concurrency))
        insert.bind(4, Int64(row.tasksPerMinute))
        try change(insert)
    }

    /// The kinds and queues of a workspace that is deleted.
    func deleteWorkers(of workspaceID: String) throws {
        for table in ["worker_kinds", "worker_queues"] {
            let delete = try statement("DELETE FROM \(table) WHERE workspace_id = ?")
            delete.bind(1, workspaceID)
            try change(delete)
        }
    }

    private func checkRoom(
        for name: String, in table: String, _ workspaceID: String, limit: Int
    ) throws {
        let others = try statement(
            "SELECT count(*) FROM \(table) WHERE workspace_id = ? AND name <> ?")
        others.bind(1, workspaceID)
        others.bind(2, name)
        defer { others.reset() }
        if try others.step(), others.integer(0) >= Int64(limit) {
            throw CommitOutcome.Refusal.tooMany
        }
    }

    private func delete(_ name: String, from table: String, workspaceID: String) throws {
        let delete = try statement("DELETE FROM \(table) WHERE workspace_id = ? AND name = ?")
        delete.bind(1, workspaceID)
        delete.bind(2, name)
        guard try change(delete) == 1 else { throw CommitOutcome.Refusal.notFound }
    }
}
