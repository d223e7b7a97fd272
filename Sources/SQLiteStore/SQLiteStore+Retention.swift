internal import GRDB
package import Messages
internal import Model
internal import ProtobufRuntime
package import Store

/// Readings of what has ended, and the space it leaves.
extension SQLiteStore {
    package func ended(
        workspaceID: String, after position: ExecutionQuery.Position?, limit: Int
    ) async throws(StoreError) -> [EndedExecution] {
        try await read { database in
            let states = try StateCode.all(in: database).filter {
                $0.rawValue >= StateCode.finalMin
            }
            let tags = try TagPresence(database)
            let select = try SQLStatement(
                database,
                """
                SELECT created_at, number FROM executions INDEXED BY executions_by_state \
                WHERE workspace_id = ? AND state = ? AND (created_at, number) > (?, ?) \
                ORDER BY created_at, number LIMIT ?
                """)
            select.bind(1, workspaceID)
            select.bind(3, position?.createdAt.microseconds ?? .min)
            select.bind(4, position?.number.rawValue ?? .min)
            select.bind(5, Int64(limit))
            var keys: [ListKey] = []
            for state in states {
                select.bind(2, state.rawValue)
                while try select.step() {
                    keys.append(ListKey(createdAt: select.integer(0), number: select.integer(1)))
                }
            }
            let end = try SQLStatement(database, "SELECT ended_at FROM executions WHERE number = ?")
            return try keys.sorted().prefix(limit).map { key in
                end.bind(1, key.number)
                defer { end.reset() }
                let endedAt = try end.step() ? end.optionalInteger(0) : nil
                return EndedExecution(
                    position: ExecutionQuery.Position(
                        createdAt: WallTime(microseconds: key.createdAt),
                        number: ExecutionNumber(rawValue: key.number)),
                    endedAt: WallTime(microseconds: endedAt ?? key.createdAt),
                    isTagged: try tags.has(key.number))
            }
        }
    }

    package func workspaceSettings(after workspaceID: String?, limit: Int)
        async throws(StoreError) -> [(workspaceID: String, settings: WorkspaceSettings)]
    {
        try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT workspace_id, settings FROM workspaces WHERE workspace_id > ? \
                AND deleted_at IS NULL AND settings <> x'' ORDER BY workspace_id LIMIT ?
                """)
            select.bind(1, workspaceID ?? "")
            select.bind(2, Int64(limit))
            defer { select.reset() }
            var found: [(workspaceID: String, settings: WorkspaceSettings)] = []
            while try select.step() {
                let settings = try unsafe select.withBlob(1) {
                    try unsafe WorkspaceSettings(protobufBytes: $0)
                }
                found.append((select.text(0), settings))
            }
            return found
        }
    }

    package func reclaim(pagesMax: Int) async throws(StoreError) -> Int {
        do {
            return try await reclaimPages(pagesMax)
        } catch {
            throw StoreError(below: error)
        }
    }
}

/// Whether executions have tags.
struct TagPresence {
    private let select: SQLStatement

    init(_ database: Database) throws {
        select = try SQLStatement(
            database, "SELECT 1 FROM execution_tags WHERE number = ? LIMIT 1")
    }

    func has(_ number: Int64) throws -> Bool {
        select.bind(1, number)
        defer { select.reset() }
        return try select.step()
    }
}
