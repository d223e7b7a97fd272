extension Schema {
    /// Workspaces and pods of their own, members, settings, the audit log, and more about tokens.
    /// Every workspace and pod that an older database names is made; the first admin token is a
    /// server admin's.
    static let access = """
        CREATE TABLE workspaces (
            workspace_id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            uuid TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            -- An encoded WorkspaceSettings.
            settings BLOB NOT NULL,
            -- The row stays, so that the id is never used again.
            deleted_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX workspaces_by_uuid ON workspaces (uuid);

        CREATE TABLE pods (
            workspace_id TEXT NOT NULL,
            pod_id TEXT NOT NULL,
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            PRIMARY KEY (workspace_id, pod_id)
        ) STRICT, WITHOUT ROWID;

        INSERT INTO workspaces
            SELECT workspace_id, workspace_id,
                lower(hex(randomblob(4))) || '-' || lower(hex(randomblob(2))) || '-4'
                    || substr(lower(hex(randomblob(2))), 2) || '-8'
                    || substr(lower(hex(randomblob(2))), 2) || '-' || lower(hex(randomblob(6))),
                unixepoch() * 1000000, 'server', x'', NULL
            FROM (SELECT 'default' AS workspace_id UNION SELECT workspace_id FROM tokens
                UNION SELECT workspace_id FROM workflows);
        INSERT INTO pods
            SELECT workspace_id, pod_id, pod_id, unixepoch() * 1000000, 'server'
            FROM (SELECT workspace_id, 'default' AS pod_id FROM workspaces
                UNION SELECT workspace_id, pod_id FROM workflows);

        CREATE TABLE members (
            workspace_id TEXT NOT NULL,
            principal TEXT NOT NULL,
            role INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            PRIMARY KEY (workspace_id, principal)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX members_by_principal ON members (principal, workspace_id);

        ALTER TABLE tokens ADD COLUMN kind INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE tokens ADD COLUMN server_admin INTEGER NOT NULL DEFAULT 0;
        -- Names separated by commas.
        ALTER TABLE tokens ADD COLUMN groups TEXT NOT NULL DEFAULT '';
        ALTER TABLE tokens ADD COLUMN calls_per_minute INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE tokens ADD COLUMN last_used_at INTEGER;
        CREATE INDEX tokens_by_id ON tokens (token_id);
        UPDATE tokens SET server_admin = 1
            WHERE workspace_id = 'default' AND role = 4 AND created_by = 'server';

        CREATE TABLE audit (
            audit_id INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id TEXT NOT NULL,
            at INTEGER NOT NULL,
            principal TEXT NOT NULL,
            origin TEXT NOT NULL,
            operation TEXT NOT NULL,
            object TEXT NOT NULL,
            outcome TEXT NOT NULL
        ) STRICT;
        CREATE INDEX audit_by_time ON audit (workspace_id, at, audit_id);
        CREATE INDEX audit_by_principal ON audit (workspace_id, principal, at, audit_id);
        CREATE INDEX audit_by_operation ON audit (workspace_id, operation, at, audit_id);

        CREATE TABLE server_keys (
            name TEXT NOT NULL PRIMARY KEY,
            key BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
