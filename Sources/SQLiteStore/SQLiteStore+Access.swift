internal import GRDB
package import Messages
internal import Model
internal import ProtobufRuntime
package import Store

/// Readings of who works where.
extension SQLiteStore: AccessStore {
    package var access: any AccessStore { self }

    private static let workspaceColumns =
        "w.workspace_id, w.name, w.uuid, w.created_at, w.created_by"
    private static let podColumns = "pod_id, workspace_id, name, created_at, created_by"
    private static let memberColumns = "workspace_id, principal, role, created_at, created_by"

    package func workspace(_ idOrUUID: String) async throws(StoreError) -> Workspace? {
        try await all(
            """
            SELECT \(Self.workspaceColumns) FROM workspaces w \
            WHERE (w.workspace_id = ?1 OR w.uuid = ?1) AND w.deleted_at IS NULL
            """, [.text(idOrUUID)], Self.workspace
        ).first
    }

    package func workspaces(memberOf principal: String?, after workspaceID: String?, limit: Int)
        async throws(StoreError) -> [Workspace]
    {
        let isMember =
            "AND w.workspace_id IN (SELECT workspace_id FROM members WHERE principal = ?3)"
        return try await all(
            """
            SELECT \(Self.workspaceColumns) FROM workspaces w \
            WHERE w.workspace_id > ?1 AND w.deleted_at IS NULL \
            \(principal == nil ? "" : isMember) ORDER BY w.workspace_id LIMIT ?2
            """,
            [.text(workspaceID ?? ""), .integer(Int64(limit))]
                + (principal.map { [.text($0)] } ?? []), Self.workspace)
    }

    private static func workspace(_ row: SQLStatement) -> Workspace {
        Workspace(
            id: row.text(0), name: row.text(1), uuid: row.text(2),
            createTime: Timestamp(microseconds: row.integer(3)), createdBy: row.text(4))
    }

    package func settings(workspaceID: String) async throws(StoreError) -> WorkspaceSettings {
        let found = try await all(
            "SELECT settings FROM workspaces WHERE workspace_id = ?1 AND deleted_at IS NULL",
            [.text(workspaceID)]
        ) { row in
            try unsafe row.withBlob(0) { try unsafe WorkspaceSettings(protobufBytes: $0) }
        }
        return found.first ?? WorkspaceSettings()
    }

    package func pod(_ podID: String, workspaceID: String) async throws(StoreError) -> Pod? {
        try await all(
            "SELECT \(Self.podColumns) FROM pods WHERE workspace_id = ?1 AND pod_id = ?2",
            [.text(workspaceID), .text(podID)], Self.pod
        ).first
    }

    package func pods(workspaceID: String, after podID: String?, limit: Int)
        async throws(StoreError) -> [Pod]
    {
        try await all(
            """
            SELECT \(Self.podColumns) FROM pods WHERE workspace_id = ?1 AND pod_id > ?2 \
            ORDER BY pod_id LIMIT ?3
            """, [.text(workspaceID), .text(podID ?? ""), .integer(Int64(limit))], Self.pod)
    }

    private static func pod(_ row: SQLStatement) -> Pod {
        Pod(
            id: row.text(0), workspaceID: row.text(1), name: row.text(2),
            createTime: Timestamp(microseconds: row.integer(3)), createdBy: row.text(4))
    }

    package func member(_ principal: String, workspaceID: String) async throws(StoreError)
        -> Member?
    {
        try await all(
            "SELECT \(Self.memberColumns) FROM members WHERE workspace_id = ?1 AND principal = ?2",
            [.text(workspaceID), .text(principal)], Self.member
        ).first
    }

    package func members(workspaceID: String, after principal: String?, limit: Int)
        async throws(StoreError) -> [Member]
    {
        try await all(
            """
            SELECT \(Self.memberColumns) FROM members WHERE workspace_id = ?1 AND principal > ?2 \
            ORDER BY principal LIMIT ?3
            """, [.text(workspaceID), .text(principal ?? ""), .integer(Int64(limit))], Self.member)
    }

    private static func member(_ row: SQLStatement) -> Member {
        Member(
            workspaceID: row.text(0), principal: row.text(1),
            role: Role(rawValue: Int32(truncatingIfNeeded: row.integer(2))),
            createTime: Timestamp(microseconds: row.integer(3)), createdBy: row.text(4))
    }

    package func token(id: String) async throws(StoreError) -> TokenRow? {
        try await all(
            "SELECT \(TokenColumns.selected) FROM tokens WHERE token_id = ?1", [.text(id)],
            TokenColumns.read
        ).first
    }

    package func token(_ idOrName: String, workspaceID: String) async throws(StoreError)
        -> TokenRow?
    {
        try await all(
            """
            SELECT \(TokenColumns.selected) FROM tokens WHERE workspace_id = ?1 \
            AND (token_id = ?2 OR (name = ?2 AND revoked_at IS NULL))
            """, [.text(workspaceID), .text(idOrName)], TokenColumns.read
        ).first
    }

    package func auditEntries(_ query: AuditQuery) async throws(StoreError) -> [AuditEntry] {
        let (sql, values) = Self.auditStatement(query)
        return try await all(sql, values) { row in
            AuditEntry(
                id: row.integer(0), workspaceID: row.text(1),
                time: Timestamp(microseconds: row.integer(2)), principal: row.text(3),
                origin: row.text(4), operation: row.text(5), object: row.text(6),
                outcome: row.text(7))
        }
    }

    /// Each filter has an index whose order is that of the list.
    private static func auditStatement(_ query: AuditQuery) -> (sql: String, values: [SQLValue]) {
        var values: [SQLValue] = [.text(query.workspaceID)]
        var conditions = ["workspace_id = ?1"]
        func add(_ condition: String, _ value: SQLValue) {
            values.append(value)
            conditions.append("\(condition) ?\(values.count)")
        }
        if let principal = query.principal { add("principal =", .text(principal)) }
        if let operation = query.operation { add("operation =", .text(operation)) }
        if let from = query.from { add("at >=", .integer(from.microseconds)) }
        if let before = query.before { add("at <", .integer(before.microseconds)) }
        if let after = query.after {
            values += [.integer(after.time.microseconds), .integer(after.id)]
            conditions.append("(at, audit_id) < (?\(values.count - 1), ?\(values.count))")
        }
        let index =
            query.principal != nil
            ? "audit_by_principal"
            : query.operation != nil ? "audit_by_operation" : "audit_by_time"
        values.append(.integer(Int64(query.limit)))
        let sql = """
            SELECT audit_id, workspace_id, at, principal, origin, operation, object, outcome \
            FROM audit INDEXED BY \(index) WHERE \(conditions.joined(separator: " AND ")) \
            ORDER BY at DESC, audit_id DESC LIMIT ?\(values.count)
            """
        return (sql, values)
    }

    package func serverKey(_ name: String) async throws(StoreError) -> [UInt8]? {
        try await all("SELECT key FROM server_keys WHERE name = ?1", [.text(name)]) { $0.blob(0) }
            .first
    }

    /// All rows of a reading.
    private func all<Row: Sendable>(
        _ sql: String, _ values: [SQLValue],
        _ row: @escaping @Sendable (SQLStatement) throws -> Row
    ) async throws(StoreError) -> [Row] {
        try await read { database in
            let select = try SQLStatement(database, sql)
            for (index, value) in values.enumerated() { select.bind(Int32(index + 1), value) }
            var rows: [Row] = []
            while try select.step() {
                do {
                    rows.append(try row(select))
                } catch {
                    select.reset()
                    throw error
                }
            }
            return rows
        }
    }
}
