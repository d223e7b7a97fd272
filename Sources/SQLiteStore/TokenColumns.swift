internal import Messages
internal import ProtobufRuntime
internal import Store

/// How a token lies in the table `tokens`.
enum TokenColumns {
    /// What `read` expects to find from column 0 on.
    static let selected = """
        workspace_id, token_id, name, role, created_at, expires_at, revoked_at, created_by, \
        secret_hash, kind, server_admin, groups, calls_per_minute, last_used_at
        """

    static func bindInsert(_ row: TokenRow, to statement: SQLStatement) {
        let token = row.token
        statement.bind(1, token.workspaceID)
        statement.bind(2, token.id)
        statement.bind(3, token.name)
        statement.bind(4, Int64(token.role.rawValue))
        statement.bind(5, token.createTime?.microseconds)
        statement.bind(6, token.expireTime?.microseconds)
        statement.bind(7, token.revokeTime?.microseconds)
        statement.bind(8, token.createdBy)
        statement.bind(9, row.secretHash)
        statement.bind(10, Int64(token.kind.rawValue))
        statement.bind(11, token.serverAdmin ? 1 : 0)
        statement.bind(12, token.groups.joined(separator: ","))
        statement.bind(13, Int64(token.callsPerMinute))
        statement.bind(14, token.lastUseTime?.microseconds)
    }

    static func read(_ statement: SQLStatement) -> TokenRow {
        TokenRow(
            token: Token(
                id: statement.text(1), name: statement.text(2), workspaceID: statement.text(0),
                role: Role(rawValue: Int32(truncatingIfNeeded: statement.integer(3))),
                createTime: statement.optionalInteger(4).map(Timestamp.init(microseconds:)),
                expireTime: statement.optionalInteger(5).map(Timestamp.init(microseconds:)),
                revokeTime: statement.optionalInteger(6).map(Timestamp.init(microseconds:)),
                createdBy: statement.text(7),
                kind: TokenKind(rawValue: Int32(truncatingIfNeeded: statement.integer(9))),
                serverAdmin: statement.integer(10) != 0,
                groups: statement.text(11).split(separator: ",").map(String.init),
                callsPerMinute: Int32(truncatingIfNeeded: statement.integer(12)),
                lastUseTime: statement.optionalInteger(13).map(Timestamp.init(microseconds:))),
            secretHash: statement.blob(8))
    }
}
