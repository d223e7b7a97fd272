extension Schema {
    /// Tasks of workers, the kinds they registered, and the limits of queues. A task goes when its
    /// attempt ends, so it is always one of an execution that is there.
    static let workers = """
        CREATE TABLE worker_tasks (
            task_id INTEGER PRIMARY KEY AUTOINCREMENT,
            number INTEGER NOT NULL,
            node_path TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            workspace_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            queue TEXT NOT NULL,
            -- Negated, so that an index in ascending order begins with the highest.
            order_priority INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            -- Microseconds.
            heartbeat_timeout INTEGER NOT NULL,
            has_secrets INTEGER NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX worker_tasks_by_node ON worker_tasks (number, node_path);
        CREATE INDEX worker_tasks_by_order ON worker_tasks (order_priority, task_id);
        CREATE INDEX worker_tasks_by_workspace
            ON worker_tasks (workspace_id, order_priority, task_id);

        CREATE TABLE worker_kinds (
            workspace_id TEXT NOT NULL,
            name TEXT NOT NULL,
            schema_json TEXT NOT NULL,
            registered_by TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, name)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE worker_queues (
            workspace_id TEXT NOT NULL,
            name TEXT NOT NULL,
            concurrency INTEGER NOT NULL,
            tasks_per_minute INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, name)
        ) STRICT, WITHOUT ROWID;
        """
}
