extension Schema {
    /// What is open in every workspace, for its inbox: kept with the executions' rows, from which it
    /// follows. `interrupt_names` says whom each is meant for: `p:` and a principal (or a group named
    /// among the assignees), `g:` and a group, and the empty name for anybody.
    static let interrupts = """
        CREATE TABLE interrupts (
            number INTEGER NOT NULL,
            -- Of the event that opened it.
            sequence INTEGER NOT NULL,
            workspace_id TEXT NOT NULL,
            pod_id TEXT NOT NULL,
            workflow_id TEXT NOT NULL,
            type INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            deadline INTEGER,
            body BLOB NOT NULL,
            PRIMARY KEY (number, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX interrupts_by_time
            ON interrupts (workspace_id, created_at, number, sequence);
        CREATE INDEX interrupts_by_pod
            ON interrupts (workspace_id, pod_id, created_at, number, sequence);
        CREATE INDEX interrupts_by_workflow
            ON interrupts (workspace_id, workflow_id, created_at, number, sequence);
        CREATE INDEX interrupts_by_type
            ON interrupts (workspace_id, type, created_at, number, sequence);
        CREATE TABLE interrupt_names (
            workspace_id TEXT NOT NULL,
            name TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            number INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, name, created_at, number, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX interrupt_names_by_number ON interrupt_names (number);
        """
}
