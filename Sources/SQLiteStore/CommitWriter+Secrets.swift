internal import Messages
internal import Model
internal import Store

/// Changes of secrets.
extension CommitWriter {
    func apply(_ change: SecretChange) throws {
        switch change {
        case .put(let row, let limit): try putSecret(row, limit: limit)
        case .reseal(let row, let box): try resealSecret(row, from: box)
        case .delete(let workspaceID, let name):
            try deleteSecret(name, workspaceID: workspaceID)
        }
    }

    private func putSecret(_ row: SecretRow, limit: Int) throws {
        let others = try statement(
            "SELECT count(*) FROM secrets WHERE workspace_id = ? AND name <> ?")
        others.bind(1, row.workspaceID)
        others.bind(2, row.name)
        defer { others.reset() }
        if try others.step(), others.integer(0) >= Int64(limit) {
            throw CommitOutcome.Refusal.tooMany
        }
        let insert = try statement(
            """
            INSERT INTO secrets (\(SecretColumns.selected)) VALUES (?, ?, ?, ?, ?, ?, ?) \
            ON CONFLICT DO UPDATE SET key_id = excluded.key_id, box = excluded.box, \
            updated_at = excluded.updated_at, updated_by = excluded.updated_by
            """)
        SecretColumns.bind(row, to: insert)
        try change(insert)
    }

    private func resealSecret(_ row: SecretRow, from box: [UInt8]) throws {
        let update = try statement(
            """
            UPDATE secrets SET key_id = ?, box = ? \
            WHERE workspace_id = ? AND name = ? AND box = ?
            """)
        update.bind(1, row.keyID)
        update.bind(2, row.box)
        update.bind(3, row.workspaceID)
        update.bind(4, row.name)
        update.bind(5, box)
        try change(update)
    }

    private func deleteSecret(_ name: String, workspaceID: String) throws {
        let delete = try statement("DELETE FROM secrets WHERE workspace_id = ? AND name = ?")
        delete.bind(1, workspaceID)
        delete.bind(2, name)
        guard try change(delete) == 1 else { throw CommitOutcome.Refusal.notFound }
    }
}
