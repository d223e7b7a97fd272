internal import GRDB
package import Store

/// Readings of secrets.
extension SQLiteStore {
    package func secret(_ name: String, workspaceID: String) async throws(StoreError) -> SecretRow?
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                "SELECT \(SecretColumns.selected) FROM secrets WHERE workspace_id = ? AND name = ?")
            select.bind(1, workspaceID)
            select.bind(2, name)
            return try Self.secrets(select).first
        }
    }

    package func secrets(workspaceID: String, after name: String?, limit: Int)
        async throws(StoreError) -> [SecretRow]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(SecretColumns.selected) FROM secrets \
                WHERE workspace_id = ? AND name > ? ORDER BY name LIMIT ?
                """)
            select.bind(1, workspaceID)
            select.bind(2, name ?? "")
            select.bind(3, Int64(limit))
            return try Self.secrets(select)
        }
    }

    package func secrets(workspaceID: String?, notSealedBy keyID: String, limit: Int)
        async throws(StoreError) -> [SecretRow]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(SecretColumns.selected) FROM secrets WHERE (key_id < ?1 OR key_id > ?1) \
                AND (?2 IS NULL OR workspace_id = ?2) LIMIT ?3
                """)
            select.bind(1, keyID)
            select.bind(2, workspaceID)
            select.bind(3, Int64(limit))
            return try Self.secrets(select)
        }
    }

    private static func secrets(_ select: SQLStatement) throws -> [SecretRow] {
        var rows: [SecretRow] = []
        while try select.step() { rows.append(SecretColumns.read(select)) }
        return rows
    }
}
