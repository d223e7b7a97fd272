internal import GRDB
internal import GRDBSQLite
internal import ProtobufRuntime
internal import Store

extension StoreError {
    /// What any error below the seam means above it.
    init(below error: any Error) {
        switch error {
        case let error as StoreError:
            self = error
        case let failure as SQLiteFailure:
            self.init(primaryCode: failure.primaryCode, message: failure.message)
        case let error as DatabaseError:
            self.init(
                primaryCode: error.resultCode.rawValue,
                message: error.message ?? error.resultCode.description)
        case let error as ProtobufDecodingError:
            self.init(.corrupt, "a stored message cannot be decoded: \(error)")
        case is CancellationError:
            self.init(.unavailable, "the read was cancelled")
        default:
            self.init(.io, "\(error)")
        }
    }

    private init(primaryCode code: Int32, message: String) {
        switch code {
        case SQLITE_CANTOPEN, SQLITE_NOTADB, SQLITE_PERM, SQLITE_AUTH, SQLITE_READONLY:
            self.init(.unavailable, "the database cannot be opened: \(message)")
        case SQLITE_CORRUPT:
            self.init(.corrupt, "the database is damaged: \(message)")
        case SQLITE_FULL:
            self.init(.io, "the disk is full: \(message)")
        case SQLITE_MISUSE:
            self.init(.unavailable, "the database is closed")
        default:
            self.init(.io, "the database failed: \(message) (SQLite code \(code))")
        }
    }
}
