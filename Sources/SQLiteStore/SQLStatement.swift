internal import GRDB
internal import GRDBSQLite
internal import Store

/// What SQLite answered other than success.
struct SQLiteFailure: Error {
    /// The extended result code.
    let code: Int32
    let message: String

    var primaryCode: Int32 { code & 0xFF }

    /// The transaction cannot go on, whatever the statement was.
    var isFatal: Bool {
        switch primaryCode {
        case SQLITE_CONSTRAINT, SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_RANGE: false
        default: true
        }
    }
}

/// A prepared statement of one connection: GRDB prepares, caches and owns it; binding, stepping and
/// reading go straight to SQLite, since rows and arguments through GRDB cost more than SQLite's own
/// work on short statements.
///
/// Belongs to its connection's queue. Parameters count from 1, columns from 0. After an error or the
/// last row it is reset.
@safe struct SQLStatement {
    private let statement: Statement

    /// The connection's cached statement for `sql`.
    init(_ database: Database, _ sql: String) throws {
        statement = try database.cachedStatement(sql: sql)
    }

    private var raw: OpaquePointer { unsafe statement.sqliteStatement }

    // MARK: Parameters

    func bind(_ index: Int32, _ value: Int64) {
        unsafe sqlite3_bind_int64(raw, index, value)
    }

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { unsafe sqlite3_bind_null(raw, index) }
    }

    func bind(_ index: Int32, _ value: String) {
        var value = value
        value.withUTF8 { text in
            _ = unsafe text.withMemoryRebound(to: CChar.self) { text in
                if let start = text.baseAddress {
                    unsafe sqlite3_bind_text(raw, index, start, Int32(text.count), transient)
                } else {
                    // Without an address SQLite would bind NULL.
                    unsafe sqlite3_bind_text(raw, index, "", 0, transient)
                }
            }
        }
    }

    func bind(_ index: Int32, _ value: String?) {
        if let value { bind(index, value) } else { unsafe sqlite3_bind_null(raw, index) }
    }

    func bind(_ index: Int32, _ value: [UInt8]) {
        guard !value.isEmpty else {
            unsafe sqlite3_bind_zeroblob(raw, index, 0)
            return
        }
        _ = unsafe value.withUnsafeBytes { bytes in
            unsafe sqlite3_bind_blob64(
                raw, index, bytes.baseAddress, UInt64(bytes.count), transient)
        }
    }

    func bind(_ index: Int32, _ value: [UInt8]?) {
        if let value { bind(index, value) } else { unsafe sqlite3_bind_null(raw, index) }
    }

    func bind(_ index: Int32, _ value: SQLValue) {
        switch value {
        case .integer(let value): bind(index, value)
        case .text(let value): bind(index, value)
        }
    }

    // MARK: Running

    /// - Returns: whether there is a row; without one it is reset.
    func step() throws(SQLiteFailure) -> Bool {
        let code = unsafe sqlite3_step(raw)
        if code == SQLITE_ROW { return true }
        let failure = code == SQLITE_DONE ? nil : unsafe SQLiteFailure(raw)
        reset()
        if let failure { throw failure }
        return false
    }

    /// Runs a statement that gives no rows.
    /// - Returns: how many rows it changed.
    @discardableResult func run() throws(SQLiteFailure) -> Int {
        while try step() {}
        return unsafe Int(sqlite3_changes(sqlite3_db_handle(raw)))
    }

    /// Ends it before the last row. What was bound stays bound until it is bound anew.
    func reset() {
        unsafe sqlite3_reset(raw)
    }

    // MARK: Columns

    func integer(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(raw, column)
    }

    func optionalInteger(_ column: Int32) -> Int64? {
        isNull(column) ? nil : integer(column)
    }

    func text(_ column: Int32) -> String {
        guard let start = unsafe sqlite3_column_text(raw, column) else { return "" }
        let count = unsafe Int(sqlite3_column_bytes(raw, column))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? {
        isNull(column) ? nil : text(column)
    }

    func blob(_ column: Int32) -> [UInt8] {
        unsafe withBlob(column) { unsafe Array($0) }
    }

    func withBlob<Result>(
        _ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        let start = unsafe sqlite3_column_blob(raw, column)
        let count = unsafe Int(sqlite3_column_bytes(raw, column))
        return try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(raw, column) == SQLITE_NULL
    }
}

/// A parameter whose type is known only at run time.
enum SQLValue: Equatable {
    case integer(Int64)
    case text(String)
}

extension SQLiteFailure {
    fileprivate init(_ raw: OpaquePointer) {
        let database = unsafe sqlite3_db_handle(raw)
        code = unsafe sqlite3_extended_errcode(database)
        message = unsafe String(cString: sqlite3_errmsg(database))
    }
}

/// Tells SQLite to copy what is bound.
private var transient: sqlite3_destructor_type {
    unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
