extension Schema {
    /// Named events, and the nodes that wait for them.
    static let events = """
        CREATE TABLE events (
            event_number INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id TEXT NOT NULL,
            name TEXT NOT NULL,
            key TEXT NOT NULL,
            event_id TEXT NOT NULL,
            hash BLOB NOT NULL,
            data_json TEXT NOT NULL,
            published_at INTEGER NOT NULL,
            published_by TEXT NOT NULL,
            -- Numbers of executions, separated by commas; NULL while it is kept for a node to come.
            recipients TEXT
        ) STRICT;
        CREATE UNIQUE INDEX events_by_id ON events (workspace_id, event_id);
        CREATE INDEX events_by_key ON events (workspace_id, name, key, event_number)
            WHERE recipients IS NULL;
        CREATE INDEX events_by_time ON events (published_at);
        CREATE TABLE event_waits (
            workspace_id TEXT NOT NULL,
            name TEXT NOT NULL,
            key TEXT NOT NULL,
            number INTEGER NOT NULL,
            interrupt_id TEXT NOT NULL,
            node_path TEXT NOT NULL,
            PRIMARY KEY (workspace_id, name, key, number, interrupt_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX event_waits_by_number ON event_waits (number);
        """
}
