internal import GRDB
internal import Store

extension Schema {
    /// Brings a database to the newest version, one transaction per migration.
    /// - Parameter migrations: all of them, but for tests of earlier versions.
    /// - Throws: `StoreError.tooNew` if a newer version of the program wrote it,
    ///   `StoreError.unavailable` if it is somebody else's database.
    static func migrate(_ database: Database, migrations: [String] = migrations) throws {
        let version = try integer(database, "PRAGMA user_version")
        let application = try integer(database, "PRAGMA application_id")
        let tables = try integer(
            database, "SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'grdb%'")
        guard application == applicationID || (tables == 0 && version == 0) else {
            throw StoreError(.unavailable, "the file is a database, but not one of Signalbox")
        }
        guard version <= migrations.count else {
            throw StoreError(
                .tooNew,
                "the database has version \(version), this program knows versions up to \(migrations.count): a newer Signalbox wrote it"
            )
        }
        for index in Int(version)..<migrations.count {
            try database.inTransaction(.immediate) {
                try database.execute(sql: migrations[index])
                // What lies encoded in a column is out of SQL's reach.
                if migrations[index] == interruptFill { try fillInterrupts(database) }
                try database.execute(
                    sql: """
                        PRAGMA application_id = \(applicationID);
                        PRAGMA user_version = \(index + 1);
                        """)
                return .commit
            }
        }
    }

    private static func integer(_ database: Database, _ sql: String) throws -> Int64 {
        try Int64.fetchOne(database, sql: sql) ?? 0
    }
}
