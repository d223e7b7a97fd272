internal import GRDB
package import Messages
package import Model
internal import ProtobufRuntime
package import Store

/// Readings of tags.
extension SQLiteStore {
    private static let tagColumns = "tag_id, name, created_at, updated_at, execution_count"

    package func tag(_ idOrName: String, workspaceID: String) async throws(StoreError) -> Tag? {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.tagColumns) FROM tags \
                WHERE workspace_id = ?1 AND (tag_id = ?2 OR name = ?2)
                """)
            select.bind(1, workspaceID)
            select.bind(2, idOrName)
            return try Self.tags(select).first
        }
    }

    package func tags(_ idsOrNames: [String], workspaceID: String) async throws(StoreError) -> [Tag]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.tagColumns) FROM tags WHERE workspace_id = ?1 \
                AND (tag_id IN (SELECT value FROM json_each(?2)) \
                OR name IN (SELECT value FROM json_each(?2)))
                """)
            select.bind(1, workspaceID)
            select.bind(2, ExecutionListPlan.jsonArray(idsOrNames))
            return try Self.tags(select).map { tag in
                var tag = tag
                tag.executionCount = 0
                return tag
            }
        }
    }

    package func tags(workspaceID: String, after name: String?, limit: Int)
        async throws(StoreError) -> [Tag]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT \(Self.tagColumns) FROM tags WHERE workspace_id = ? AND name > ? \
                ORDER BY name LIMIT ?
                """)
            select.bind(1, workspaceID)
            select.bind(2, name ?? "")
            select.bind(3, Int64(limit))
            return try Self.tags(select)
        }
    }

    package func tags(of number: ExecutionNumber) async throws(StoreError) -> [Tag] {
        try await read { database in try Self.tags(of: number.rawValue, in: database) }
    }

    /// By name; only ids and names.
    static func tags(of number: Int64, in database: Database) throws -> [Tag] {
        let select = try SQLStatement(
            database,
            """
            SELECT t.tag_id, t.name FROM execution_tags x JOIN tags t \
            ON t.workspace_id = x.workspace_id AND t.tag_id = x.tag_id \
            WHERE x.number = ? ORDER BY t.name
            """)
        select.bind(1, number)
        var tags: [Tag] = []
        while try select.step() { tags.append(Tag(id: select.text(0), name: select.text(1))) }
        return tags
    }

    private static func tags(_ select: SQLStatement) throws -> [Tag] {
        var tags: [Tag] = []
        while try select.step() {
            tags.append(
                Tag(
                    id: select.text(0), name: select.text(1),
                    createTime: Timestamp(microseconds: select.integer(2)),
                    updateTime: Timestamp(microseconds: select.integer(3)),
                    executionCount: select.integer(4)))
        }
        return tags
    }
}
