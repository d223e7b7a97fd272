extension Schema {
    /// Schedules, and what became of their nominal times.
    static let schedules = """
        CREATE TABLE schedules (
            workspace_id TEXT NOT NULL,
            schedule_id TEXT NOT NULL,
            pod_id TEXT NOT NULL,
            workflow_id TEXT NOT NULL,
            decided_through INTEGER NOT NULL,
            next_at INTEGER,
            -- An encoded StoredSchedule.
            stored BLOB NOT NULL,
            PRIMARY KEY (workspace_id, schedule_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX schedules_by_next ON schedules (next_at) WHERE next_at IS NOT NULL;
        CREATE INDEX schedules_by_workflow ON schedules (workspace_id, workflow_id, schedule_id);

        CREATE TABLE schedule_fires (
            workspace_id TEXT NOT NULL,
            schedule_id TEXT NOT NULL,
            nominal_at INTEGER NOT NULL,
            outcome INTEGER NOT NULL,
            policy INTEGER NOT NULL,
            -- The execution's, while it may not have ended.
            open_number INTEGER,
            -- An encoded ScheduleFire.
            fire BLOB NOT NULL,
            PRIMARY KEY (workspace_id, schedule_id, nominal_at)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX schedule_fires_buffered
            ON schedule_fires (workspace_id, schedule_id, nominal_at) WHERE outcome = 2;
        CREATE INDEX schedule_fires_open
            ON schedule_fires (workspace_id, schedule_id, open_number)
            WHERE open_number IS NOT NULL;
        """
}
