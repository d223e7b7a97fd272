extension Schema {
    /// Secrets of workspaces, encrypted.
    static let secrets = """
        CREATE TABLE secrets (
            workspace_id TEXT NOT NULL,
            name TEXT NOT NULL,
            key_id TEXT NOT NULL,
            box BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            updated_by TEXT NOT NULL,
            PRIMARY KEY (workspace_id, name)
        ) WITHOUT ROWID;
        CREATE INDEX secrets_by_key ON secrets (key_id);
        """
}
