extension Schema {
    /// Bulk operations and what became of each execution they took.
    static let bulk = """
        CREATE TABLE bulks (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL,
            workspace_id TEXT NOT NULL,
            -- A BulkStatus.
            status INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            ended_at INTEGER,
            total INTEGER NOT NULL,
            processed INTEGER NOT NULL DEFAULT 0,
            succeeded INTEGER NOT NULL DEFAULT 0,
            skipped INTEGER NOT NULL DEFAULT 0,
            failed INTEGER NOT NULL DEFAULT 0,
            stopped_by TEXT,
            -- The execution that was taken last.
            cursor_created_at INTEGER,
            cursor_number INTEGER,
            taken_all INTEGER NOT NULL DEFAULT 0,
            request_id TEXT,
            request_hash BLOB,
            -- An encoded BulkOperation as it was started.
            details BLOB NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX bulks_by_id ON bulks (id);
        CREATE UNIQUE INDEX bulks_by_request
            ON bulks (workspace_id, request_id) WHERE request_id IS NOT NULL;
        CREATE INDEX bulks_by_workspace ON bulks (workspace_id, number);
        CREATE INDEX bulks_by_open ON bulks (number) WHERE ended_at IS NULL;
        CREATE TABLE bulk_results (
            bulk_number INTEGER NOT NULL,
            position INTEGER NOT NULL,
            -- The execution's.
            number INTEGER NOT NULL,
            -- A BulkOutcome.
            outcome INTEGER NOT NULL,
            -- An encoded BulkResult with the rest.
            result BLOB NOT NULL,
            PRIMARY KEY (bulk_number, position)
        ) STRICT, WITHOUT ROWID;
        """
}
