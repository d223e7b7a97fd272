internal import Messages
internal import Model
internal import Store

/// Changes of workflows and tokens.
extension CommitWriter {
    func putWorkflow(_ row: WorkflowVersionRow, expectedLatest: Int32?) throws {
        try checkPod(row.podID, workspaceID: row.workspaceID)
        let latest = try latestVersion(row.workflowID, workspaceID: row.workspaceID)
        if let expectedLatest, expectedLatest != latest {
            throw CommitOutcome.Refusal.versionConflict(latest: latest)
        }
        let workflow = try statement(
            """
            INSERT INTO workflows VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT DO UPDATE SET \
            pod_id = excluded.pod_id, latest_version = excluded.latest_version
            """)
        workflow.bind(1, row.workspaceID)
        workflow.bind(2, row.workflowID)
        workflow.bind(3, row.podID)
        workflow.bind(4, Int64(latest + 1))
        workflow.bind(5, row.savedAt.microseconds)
        try change(workflow)

        let version = try statement(
            "INSERT INTO workflow_versions VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        version.bind(1, row.workspaceID)
        version.bind(2, row.workflowID)
        version.bind(3, Int64(latest + 1))
        version.bind(4, row.podID)
        version.bind(5, row.name)
        version.bind(6, row.savedAt.microseconds)
        version.bind(7, row.savedBy)
        version.bind(8, row.definitionJSON)
        try change(version)
    }

    /// The newest version that was ever saved, also of an erased workflow; 0 if none was.
    private func latestVersion(_ workflowID: String, workspaceID: String) throws -> Int32 {
        let select = try statement(SQLiteStore.latestVersionSQL)
        select.bind(1, workspaceID)
        select.bind(2, workflowID)
        guard try select.step() else { return 0 }
        defer { select.reset() }
        return Int32(truncatingIfNeeded: select.integer(0))
    }

    func deployWorkflow(_ workflowID: String, version: Int32, workspaceID: String) throws {
        let update = try statement(
            """
            UPDATE workflows SET deployed_version = ?3 WHERE workspace_id = ?1 \
            AND workflow_id = ?2 AND EXISTS (SELECT 1 FROM workflow_versions \
            WHERE workspace_id = ?1 AND workflow_id = ?2 AND version = ?3)
            """)
        update.bind(1, workspaceID)
        update.bind(2, workflowID)
        update.bind(3, Int64(version))
        guard try change(update) == 1 else { throw CommitOutcome.Refusal.notFound }
    }

    func deleteWorkflow(_ workflowID: String, workspaceID: String) throws {
        let existing = try statement(
            "SELECT 1 FROM workflows WHERE workspace_id = ? AND workflow_id = ?")
        existing.bind(1, workspaceID)
        existing.bind(2, workflowID)
        guard try existing.step() else { throw CommitOutcome.Refusal.notFound }
        existing.reset()
        let active = try statement(
            """
            SELECT 1 FROM executions INDEXED BY executions_by_workflow \
            WHERE workspace_id = ? AND workflow_id = ? AND state < 4000 LIMIT 1
            """)
        active.bind(1, workspaceID)
        active.bind(2, workflowID)
        if try active.step() {
            active.reset()
            throw CommitOutcome.Refusal.workflowInUse
        }
        let remember = try statement(
            """
            INSERT INTO erased_workflows \
            SELECT workspace_id, workflow_id, latest_version FROM workflows \
            WHERE workspace_id = ? AND workflow_id = ? \
            ON CONFLICT DO UPDATE SET latest_version = excluded.latest_version
            """)
        remember.bind(1, workspaceID)
        remember.bind(2, workflowID)
        try change(remember)
        for table in ["workflow_versions", "workflows"] {
            let delete = try statement(
                "DELETE FROM \(table) WHERE workspace_id = ? AND workflow_id = ?")
            delete.bind(1, workspaceID)
            delete.bind(2, workflowID)
            try change(delete)
        }
        hasErasedWorkflows = true
        erasedSomething()
    }

    /// Refuses an execution whose workflow was erased after its trigger had read it.
    func checkWorkflow(of execution: Execution) throws {
        guard hasErasedWorkflows else { return }
        let version = try statement(
            """
            SELECT 1 FROM workflow_versions \
            WHERE workspace_id = ? AND workflow_id = ? AND version = ?
            """)
        version.bind(1, execution.workspaceID)
        version.bind(2, execution.workflowID)
        version.bind(3, Int64(execution.workflowVersion))
        defer { version.reset() }
        guard try version.step() else { throw CommitOutcome.Refusal.notFound }
    }

    func insertToken(_ row: TokenRow) throws {
        let token = row.token
        try checkPod(nil, workspaceID: token.workspaceID)
        let holder = try statement(
            "SELECT 1 FROM tokens WHERE workspace_id = ? AND name = ? AND revoked_at IS NULL")
        holder.bind(1, token.workspaceID)
        holder.bind(2, token.name)
        if token.revokeTime == nil, try holder.step() {
            holder.reset()
            throw CommitOutcome.Refusal.nameInUse
        }
        let insert = try statement(
            """
            INSERT INTO tokens (\(TokenColumns.selected)) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        TokenColumns.bindInsert(row, to: insert)
        try change(insert)
    }

    func revokeToken(_ idOrName: String, workspaceID: String, at instant: WallTime) throws {
        let update = try statement(
            """
            UPDATE tokens SET revoked_at = coalesce(revoked_at, ?3) WHERE workspace_id = ?1 \
            AND (token_id = ?2 OR (name = ?2 AND revoked_at IS NULL))
            """)
        update.bind(1, workspaceID)
        update.bind(2, idOrName)
        update.bind(3, instant.microseconds)
        guard try change(update) > 0 else { throw CommitOutcome.Refusal.notFound }
    }
}
