import Foundation
import GRDB
import Store
import StoreConformance

@testable import SQLiteStore

/// A database file in a folder of its own, removed with it.
final class TemporaryDatabase: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("signalbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    var path: String { folder.appendingPathComponent("signalbox.db").path }

    var factory: StoreFactory {
        StoreFactory { [self] in try SQLiteStore(path: path) }
    }
}

extension SQLiteStore {
    /// The writer's setting.
    func pragma(_ name: String) throws -> String? {
        try withWriter { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }

    /// SQLite's steps for a statement, whose parameters may stay unbound.
    func queryPlan(_ sql: String) throws -> [String] {
        try withWriter { database in
            let statement = try SQLStatement(database, "EXPLAIN QUERY PLAN " + sql)
            var steps: [String] = []
            while try statement.step() { steps.append(statement.text(3)) }
            return steps
        }
    }
}
