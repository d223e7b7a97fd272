/// The tables, as numbered migrations: migration n brings a database of version n - 1 to version n.
/// A migration that was released is never changed.
///
/// Instants are microseconds since 1970. States are `StateCode`s. A journal row's `position` is
/// `number << 20 | first_sequence`: one B-tree with integer keys, in which an execution's rows lie
/// side by side. Journals, request records and inbox rows belong to the workspace and pod of the
/// execution whose number they carry.
enum Schema {
    /// `SGBX`, in the header of every database of ours.
    static let applicationID: Int64 = 0x5347_4258
    /// In order; the first makes version 1.
    static let migrations = [
        version1, erasedWorkflows, access, secrets, many, schedules, payloads, bulk, nodeCounts,
        events, interrupts, workers, webhooks, interruptFill, bulkPrincipal, bulkStopReason,
        keptEvents, deliveryAges, batchSuspended,
    ]

    /// Sequence numbers stay below it.
    static let sequenceLimit: Int64 = 1 << 20

    private static let version1 = """
        CREATE TABLE executions (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL,
            workspace_id TEXT NOT NULL,
            pod_id TEXT NOT NULL,
            workflow_id TEXT NOT NULL,
            workflow_version INTEGER NOT NULL,
            workflow_name TEXT NOT NULL,
            state INTEGER NOT NULL,
            trigger_kind INTEGER NOT NULL,
            triggered_by TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            ended_at INTEGER,
            waiting_until INTEGER,
            wake_at INTEGER,
            last_sequence INTEGER NOT NULL,
            priority INTEGER NOT NULL,
            key TEXT,
            source_id TEXT,
            error_message TEXT,
            -- An encoded Execution with the fields that few executions have.
            details BLOB
        ) STRICT;
        CREATE UNIQUE INDEX executions_by_id ON executions (id);
        CREATE INDEX executions_by_state
            ON executions (workspace_id, state, created_at, number, trigger_kind);
        CREATE INDEX executions_by_pod
            ON executions (workspace_id, pod_id, state, created_at, number, trigger_kind);
        CREATE INDEX executions_by_workflow
            ON executions (workspace_id, workflow_id, state, created_at, number, trigger_kind);
        CREATE INDEX executions_by_trigger
            ON executions (workspace_id, trigger_kind, created_at, number);
        CREATE INDEX executions_by_key
            ON executions (workspace_id, key, created_at, number) WHERE key IS NOT NULL;
        CREATE INDEX executions_by_source
            ON executions (workspace_id, source_id, created_at, number)
            WHERE source_id IS NOT NULL;
        CREATE INDEX executions_by_error
            ON executions (workspace_id, created_at, number) WHERE error_message IS NOT NULL;
        CREATE UNIQUE INDEX executions_by_active_key
            ON executions (workspace_id, key) WHERE key IS NOT NULL AND state < 4000;
        CREATE INDEX executions_by_unfinished ON executions (number) WHERE state < 3000;
        CREATE INDEX executions_by_wake ON executions (wake_at) WHERE wake_at IS NOT NULL;

        CREATE TABLE journal (
            position INTEGER PRIMARY KEY,
            event_count INTEGER NOT NULL,
            ends_execution INTEGER NOT NULL,
            batch BLOB NOT NULL
        ) STRICT;

        CREATE TABLE execution_counters (
            workspace_id TEXT NOT NULL,
            workflow_id TEXT NOT NULL,
            state INTEGER NOT NULL,
            -- Days since 1970 of the creation, UTC.
            day INTEGER NOT NULL,
            pod_id TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, workflow_id, state, day, pod_id)
        ) STRICT, WITHOUT ROWID;
        -- Every state that any execution was ever in.
        CREATE TABLE execution_states (state INTEGER PRIMARY KEY) STRICT;
        -- The highest number of an erased execution.
        CREATE TABLE erased (number_max INTEGER NOT NULL) STRICT;
        INSERT INTO erased VALUES (0);

        CREATE TABLE requests (
            workspace_id TEXT NOT NULL,
            method TEXT NOT NULL,
            request_id TEXT NOT NULL,
            hash BLOB NOT NULL,
            number INTEGER NOT NULL,
            -- When the execution ended.
            ended_at INTEGER,
            PRIMARY KEY (workspace_id, method, request_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX requests_by_number ON requests (number);
        CREATE INDEX requests_by_end ON requests (ended_at) WHERE ended_at IS NOT NULL;

        CREATE TABLE inbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            recipient INTEGER NOT NULL,
            body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX inbox_by_recipient ON inbox (recipient);

        CREATE TABLE workflows (
            workspace_id TEXT NOT NULL,
            workflow_id TEXT NOT NULL,
            pod_id TEXT NOT NULL,
            latest_version INTEGER NOT NULL,
            deployed_version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, workflow_id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX workflows_by_pod ON workflows (workspace_id, pod_id, workflow_id);

        CREATE TABLE workflow_versions (
            workspace_id TEXT NOT NULL,
            workflow_id TEXT NOT NULL,
            version INTEGER NOT NULL,
            pod_id TEXT NOT NULL,
            name TEXT NOT NULL,
            saved_at INTEGER NOT NULL,
            saved_by TEXT NOT NULL,
            definition_json TEXT NOT NULL,
            PRIMARY KEY (workspace_id, workflow_id, version)
        ) STRICT;

        CREATE TABLE tokens (
            workspace_id TEXT NOT NULL,
            token_id TEXT NOT NULL,
            name TEXT NOT NULL,
            role INTEGER NOT NULL,
            created_at INTEGER,
            expires_at INTEGER,
            revoked_at INTEGER,
            created_by TEXT NOT NULL,
            secret_hash BLOB NOT NULL,
            PRIMARY KEY (workspace_id, token_id)
        ) STRICT;
        CREATE UNIQUE INDEX tokens_by_secret ON tokens (secret_hash);
        CREATE UNIQUE INDEX tokens_by_name
            ON tokens (workspace_id, name) WHERE revoked_at IS NULL;
        """
}
