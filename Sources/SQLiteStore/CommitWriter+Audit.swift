internal import Messages
internal import Model
internal import Store

/// The audit log: only ever added to, and bounded.
extension CommitWriter {
    /// How many entries are added before the oldest are looked for.
    private static var auditTrimInterval: Int64 { 256 }
    /// How many are removed at a time, more than are added in between.
    private static var auditTrimMax: Int64 { 1_024 }

    func audit(_ entry: AuditEntry, keep: Int, since: WallTime) throws {
        let insert = try statement(
            """
            INSERT INTO audit (workspace_id, at, principal, origin, operation, object, outcome) \
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """)
        insert.bind(1, entry.workspaceID)
        insert.bind(2, entry.time?.microseconds ?? 0)
        insert.bind(3, entry.principal)
        insert.bind(4, entry.origin)
        insert.bind(5, entry.operation)
        insert.bind(6, entry.object)
        insert.bind(7, entry.outcome)
        try change(insert)
        guard lastInsertedID % Self.auditTrimInterval == 0 else { return }
        let trim = try statement(
            """
            DELETE FROM audit WHERE audit_id IN (SELECT audit_id FROM audit \
            WHERE workspace_id = ?1 ORDER BY at DESC, audit_id DESC LIMIT ?2 OFFSET ?3)
            """)
        trim.bind(1, entry.workspaceID)
        trim.bind(2, Self.auditTrimMax)
        trim.bind(3, Int64(keep))
        try change(trim)
        let expire = try statement(
            """
            DELETE FROM audit WHERE audit_id IN (SELECT audit_id FROM audit \
            WHERE workspace_id = ?1 AND at < ?2 ORDER BY at LIMIT ?3)
            """)
        expire.bind(1, entry.workspaceID)
        expire.bind(2, since.microseconds)
        expire.bind(3, Self.auditTrimMax)
        try change(expire)
    }
}
