internal import Model
internal import Store

/// How a secret lies in the table `secrets`.
enum SecretColumns {
    /// What `read` expects to find from column 0 on.
    static let selected = "workspace_id, name, key_id, box, created_at, updated_at, updated_by"

    static func bind(_ row: SecretRow, to statement: SQLStatement) {
        statement.bind(1, row.workspaceID)
        statement.bind(2, row.name)
        statement.bind(3, row.keyID)
        statement.bind(4, row.box)
        statement.bind(5, row.createdAt.microseconds)
        statement.bind(6, row.updatedAt.microseconds)
        statement.bind(7, row.updatedBy)
    }

    static func read(_ statement: SQLStatement) -> SecretRow {
        SecretRow(
            workspaceID: statement.text(0), name: statement.text(1), keyID: statement.text(2),
            box: statement.blob(3), createdAt: WallTime(microseconds: statement.integer(4)),
            updatedAt: WallTime(microseconds: statement.integer(5)), updatedBy: statement.text(6))
    }
}
