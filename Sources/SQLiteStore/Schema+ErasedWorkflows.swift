extension Schema {
    /// Remembers the highest version of each erased workflow, so that one that is saved again under
    /// its id goes on counting: an execution's version never means another text. Of those that were
    /// erased before, their executions tell.
    static let erasedWorkflows = """
        CREATE TABLE erased_workflows (
            workspace_id TEXT NOT NULL,
            workflow_id TEXT NOT NULL,
            latest_version INTEGER NOT NULL,
            PRIMARY KEY (workspace_id, workflow_id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO erased_workflows
            SELECT e.workspace_id, e.workflow_id, max(e.workflow_version) FROM executions e
            LEFT JOIN workflows w
                ON w.workspace_id = e.workspace_id AND w.workflow_id = e.workflow_id
            WHERE w.workflow_id IS NULL GROUP BY e.workspace_id, e.workflow_id;
        """
}
