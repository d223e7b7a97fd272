extension Schema {
    /// Tags, concurrency groups and batches.
    static let many = """
        CREATE TABLE tags (
            workspace_id TEXT NOT NULL,
            tag_id TEXT NOT NULL,
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            execution_count INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, tag_id)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX tags_by_name ON tags (workspace_id, name);
        CREATE TABLE execution_tags (
            workspace_id TEXT NOT NULL,
            tag_id TEXT NOT NULL,
            -- Of the execution, for lists.
            created_at INTEGER NOT NULL,
            number INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, tag_id, created_at, number)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX execution_tags_by_number ON execution_tags (number, tag_id);

        -- Of executions that are not final.
        CREATE TABLE group_members (
            number INTEGER NOT NULL,
            -- In which order it needs its places.
            stage INTEGER NOT NULL,
            name TEXT NOT NULL,
            places INTEGER NOT NULL,
            PRIMARY KEY (number, stage)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE batches (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL,
            workspace_id TEXT NOT NULL,
            pod_id TEXT NOT NULL,
            -- A BatchStatus.
            status INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            ended_at INTEGER,
            total INTEGER NOT NULL,
            queued INTEGER NOT NULL,
            running INTEGER NOT NULL,
            completed INTEGER NOT NULL,
            failed INTEGER NOT NULL,
            stopped INTEGER NOT NULL,
            stopped_by TEXT,
            stop_reason TEXT,
            request_id TEXT,
            request_hash BLOB,
            -- An encoded Batch with the rest.
            details BLOB NOT NULL,
            -- An encoded Batch with the faults.
            faults BLOB
        ) STRICT;
        CREATE UNIQUE INDEX batches_by_id ON batches (id);
        CREATE UNIQUE INDEX batches_by_request
            ON batches (workspace_id, request_id) WHERE request_id IS NOT NULL;
        CREATE INDEX batches_by_status ON batches (workspace_id, status, number);
        CREATE INDEX batches_by_stopping ON batches (number)
            WHERE ended_at IS NULL AND stopped_by IS NOT NULL;
        CREATE TABLE batch_items (
            batch_number INTEGER NOT NULL,
            position INTEGER NOT NULL,
            -- The execution's.
            number INTEGER NOT NULL,
            erased INTEGER NOT NULL DEFAULT 0,
            -- An encoded BatchItem; what may change of one that is not erased is not in it.
            item BLOB NOT NULL,
            PRIMARY KEY (batch_number, position)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX batch_items_by_number ON batch_items (number);
        """
}
