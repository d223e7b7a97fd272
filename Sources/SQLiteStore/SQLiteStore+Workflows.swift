internal import GRDB
package import Messages
internal import Model
internal import ProtobufRuntime
package import Store

/// Readings of workflows and tokens.
extension SQLiteStore {
    /// What `workflow(_:)` expects to find from column 0 on; the definition may follow.
    private static let workflowColumns = """
        w.workflow_id, w.workspace_id, v.pod_id, v.name, v.version, w.latest_version, \
        w.deployed_version, w.created_at, v.saved_at, v.saved_by
        """

    package func workflow(_ workflowID: String, version: Int32?, workspaceID: String)
        async throws(StoreError) -> Workflow?
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.workflowColumns), v.definition_json FROM workflows w \
                JOIN workflow_versions v ON v.workspace_id = w.workspace_id \
                AND v.workflow_id = w.workflow_id AND v.version = coalesce(?3, w.latest_version) \
                WHERE w.workspace_id = ?1 AND w.workflow_id = ?2
                """)
            select.bind(1, workspaceID)
            select.bind(2, workflowID)
            select.bind(3, version.map(Int64.init))
            guard try select.step() else { return nil }
            defer { select.reset() }
            var workflow = Self.workflow(select)
            workflow.definitionJSON = select.text(10)
            return workflow
        }
    }

    /// The newest version ever saved of one workflow, also if it was erased.
    static let latestVersionSQL = """
        SELECT max(version) FROM (SELECT latest_version AS version FROM workflows \
        WHERE workspace_id = ?1 AND workflow_id = ?2 UNION ALL \
        SELECT latest_version FROM erased_workflows \
        WHERE workspace_id = ?1 AND workflow_id = ?2)
        """

    package func latestVersion(_ workflowID: String, workspaceID: String)
        async throws(StoreError) -> Int32
    {
        try await read { database in
            let select = try SQLStatement(database, Self.latestVersionSQL)
            select.bind(1, workspaceID)
            select.bind(2, workflowID)
            guard try select.step() else { return 0 }
            defer { select.reset() }
            return Int32(truncatingIfNeeded: select.integer(0))
        }
    }

    package func workflows(
        workspaceID: String, podID: String?, after workflowID: String?, limit: Int
    ) async throws(StoreError) -> [Workflow] {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.workflowColumns) FROM workflows w \
                JOIN workflow_versions v ON v.workspace_id = w.workspace_id \
                AND v.workflow_id = w.workflow_id AND v.version = w.latest_version \
                WHERE w.workspace_id = ?1 AND w.workflow_id > ?2 AND v.workflow_id NOT GLOB \
                '\(InlineWorkflow.idPrefix)*' \(podID == nil ? "" : "AND w.pod_id = ?4") ORDER BY w.workflow_id LIMIT ?3
                """)
            select.bind(1, workspaceID)
            select.bind(2, workflowID ?? "")
            select.bind(3, Int64(limit))
            if let podID { select.bind(4, podID) }
            return try Self.workflows(select)
        }
    }

    package func workflowVersions(
        _ workflowID: String, workspaceID: String, before version: Int32?, limit: Int
    ) async throws(StoreError) -> [Workflow] {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.workflowColumns) FROM workflows w \
                JOIN workflow_versions v ON v.workspace_id = w.workspace_id \
                AND v.workflow_id = w.workflow_id \
                WHERE w.workspace_id = ?1 AND w.workflow_id = ?2 AND v.version < ?3 \
                ORDER BY v.version DESC LIMIT ?4
                """)
            select.bind(1, workspaceID)
            select.bind(2, workflowID)
            select.bind(3, version.map(Int64.init) ?? .max)
            select.bind(4, Int64(limit))
            return try Self.workflows(select)
        }
    }

    private static func workflows(_ select: SQLStatement) throws -> [Workflow] {
        var workflows: [Workflow] = []
        while try select.step() { workflows.append(workflow(select)) }
        return workflows
    }

    private static func workflow(_ statement: SQLStatement) -> Workflow {
        Workflow(
            id: statement.text(0), workspaceID: statement.text(1), podID: statement.text(2),
            name: statement.text(3),
            version: Int32(truncatingIfNeeded: statement.integer(4)),
            latestVersion: Int32(truncatingIfNeeded: statement.integer(5)),
            deployedVersion: Int32(truncatingIfNeeded: statement.integer(6)),
            createTime: Timestamp(microseconds: statement.integer(7)),
            updateTime: Timestamp(microseconds: statement.integer(8)),
            updatedBy: statement.text(9))
    }

    package func token(secretHash: [UInt8]) async throws(StoreError) -> TokenRow? {
        try await read { database in
            let select = try SQLStatement(
                database, "SELECT \(TokenColumns.selected) FROM tokens WHERE secret_hash = ?")
            select.bind(1, secretHash)
            guard try select.step() else { return nil }
            defer { select.reset() }
            return TokenColumns.read(select)
        }
    }

    package func tokens(workspaceID: String, after tokenID: String?, limit: Int)
        async throws(StoreError) -> [Token]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(TokenColumns.selected) FROM tokens \
                WHERE workspace_id = ? AND token_id > ? ORDER BY token_id LIMIT ?
                """)
            select.bind(1, workspaceID)
            select.bind(2, tokenID ?? "")
            select.bind(3, Int64(limit))
            var tokens: [Token] = []
            while try select.step() { tokens.append(TokenColumns.read(select).token) }
            return tokens
        }
    }
}
