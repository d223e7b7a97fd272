internal import Messages
internal import Model
internal import Store

/// Changes of what is about many executions at once.
extension CommitWriter {
    func apply(_ change: ManyChange) throws {
        switch change {
        case .tag(let change): try apply(change)
        case .batch(let change): try apply(change)
        case .joinGroups(let number, let groups): try join(groups, number)
        case .keepInline(let row): try keepInline(row)
        }
    }

    // MARK: Groups

    private func join(_ groups: [ConcurrencyGroup], _ number: ExecutionNumber) throws {
        for (stage, group) in groups.enumerated() {
            let insert = try statement("INSERT INTO group_members VALUES (?, ?, ?, ?)")
            insert.bind(1, number.rawValue)
            insert.bind(2, Int64(stage))
            insert.bind(3, group.name)
            insert.bind(4, Int64(group.limit))
            try change(insert)
        }
    }

    /// It has ended and counts in no group any more.
    func leaveGroups(_ execution: Execution) throws {
        guard execution.batchNumber != 0 || !execution.concurrencyKey.isEmpty else { return }
        let delete = try statement("DELETE FROM group_members WHERE number = ?")
        delete.bind(1, execution.number)
        try change(delete)
    }

    // MARK: Inline definitions

    private func keepInline(_ row: WorkflowVersionRow) throws {
        try checkPod(row.podID, workspaceID: row.workspaceID)
        let workflow = try statement(
            "INSERT INTO workflows VALUES (?, ?, ?, 1, 0, ?) ON CONFLICT DO NOTHING")
        workflow.bind(1, row.workspaceID)
        workflow.bind(2, row.workflowID)
        workflow.bind(3, row.podID)
        workflow.bind(4, row.savedAt.microseconds)
        guard try change(workflow) == 1 else { return }
        let version = try statement(
            "INSERT INTO workflow_versions VALUES (?, ?, 1, ?, ?, ?, ?, ?)")
        version.bind(1, row.workspaceID)
        version.bind(2, row.workflowID)
        version.bind(3, row.podID)
        version.bind(4, row.name)
        version.bind(5, row.savedAt.microseconds)
        version.bind(6, row.savedBy)
        version.bind(7, row.definitionJSON)
        try change(version)
    }

    /// A definition that was given inline goes with the last of its executions.
    func deleteUnusedInline(_ execution: Execution) throws {
        guard InlineWorkflow.isInline(execution.workflowID) else { return }
        let other = try statement(
            """
            SELECT 1 FROM executions INDEXED BY executions_by_workflow \
            WHERE workspace_id = ? AND workflow_id = ? LIMIT 1
            """)
        other.bind(1, execution.workspaceID)
        other.bind(2, execution.workflowID)
        if try other.step() {
            other.reset()
            return
        }
        for table in ["workflow_versions", "workflows"] {
            let delete = try statement(
                "DELETE FROM \(table) WHERE workspace_id = ? AND workflow_id = ?")
            delete.bind(1, execution.workspaceID)
            delete.bind(2, execution.workflowID)
            try change(delete)
        }
        // A replay may have read it before.
        hasErasedWorkflows = true
    }

    // MARK: Erasing

    /// What is kept beside an execution that is about to be erased.
    func erased(_ execution: Execution) throws {
        try untag(ExecutionNumber(rawValue: execution.number))
        try keepErasedItem(execution)
    }
}
