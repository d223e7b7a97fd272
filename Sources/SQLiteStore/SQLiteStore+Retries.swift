internal import GRDB
internal import Messages
internal import Model
package import Store

/// Which executions retried which.
extension SQLiteStore {
    private static let retriesMax: Int64 = 100

    package func retries(of executionIDs: [String], workspaceID: String)
        async throws(StoreError) -> [String: RetryLinks]
    {
        guard !executionIDs.isEmpty else { return [:] }
        return try await read { database in
            let select = try SQLStatement(
                database,
                """
                SELECT number, id, state FROM executions INDEXED BY executions_by_source \
                WHERE workspace_id = ? AND source_id = ? AND trigger_kind = ? \
                ORDER BY created_at DESC, number DESC LIMIT ?
                """)
            select.bind(1, workspaceID)
            select.bind(3, Int64(TriggerKind.retry.rawValue))
            select.bind(4, Self.retriesMax)
            let completed = try StateCode(ExecutionState(status: .completed)).rawValue
            var found: [String: RetryLinks] = [:]
            for id in executionIDs {
                select.bind(2, id)
                defer { select.reset() }
                while try select.step() {
                    let link = ExecutionLink(
                        id: unsafe select.withBlob(1) {
                            unsafe ExecutionID(bytes: $0).description
                        }, number: select.integer(0))
                    if found[id] == nil { found[id] = RetryLinks(newest: link, completed: nil) }
                    if select.integer(2) == completed {
                        found[id]?.completed = link
                        break
                    }
                }
            }
            return found
        }
    }
}
