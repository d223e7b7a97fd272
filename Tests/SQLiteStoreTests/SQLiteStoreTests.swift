import Foundation
import GRDB
import Messages
import Model
import Store
import StoreConformance
import Testing

@testable import SQLiteStore

@Suite("SQLite store")
struct SQLiteStoreTests {
    @Test("a second server on the same file is refused, by any name of the file")
    func secondOpener() throws {
        let database = try TemporaryDatabase()
        let first = try SQLiteStore(path: database.path)
        let link = database.folder.appendingPathComponent("link.db").path
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: database.path)
        for path in [database.path, link, database.folder.path + "/./signalbox.db"] {
            let error = #expect(throws: StoreError.self) { try SQLiteStore(path: path) }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("open in another server") == true)
            #expect(error?.message.contains("process \(getpid())") == true)
        }
        first.close()
        try SQLiteStore(path: database.path).close()
    }

    @Test("a refused opener leaves the lock with its holder")
    func refusedOpenerLeavesLock() throws {
        let database = try TemporaryDatabase()
        let first = try SQLiteStore(path: database.path)
        defer { first.close() }
        for _ in 1...3 {
            #expect(throws: StoreError.self) { try SQLiteStore(path: database.path) }
        }
        try first.put(.insertExecution(Samples.execution(1)))
    }

    @Test("the writer runs in WAL mode with synchronous = FULL and gives space back")
    func settings() throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        #expect(try store.pragma("synchronous") == "2")
        #expect(try store.pragma("journal_mode") == "wal")
        #expect(try store.pragma("auto_vacuum") == "2")
    }

    @Test("synchronous is still FULL after writing and after opening again")
    func staysFull() throws {
        let database = try TemporaryDatabase()
        for number in 1...2 as ClosedRange<Int64> {
            let store = try SQLiteStore(path: database.path)
            try store.put(.insertExecution(Samples.execution(number)))
            #expect(try store.pragma("synchronous") == "2")
            store.close()
        }
    }

    @Test("a folder that is not there, a file that is no database, somebody else's database")
    func unopenable() throws {
        let database = try TemporaryDatabase()
        let missing = #expect(throws: StoreError.self) {
            try SQLiteStore(path: database.folder.path + "/missing/signalbox.db")
        }
        #expect(missing?.code == .unavailable)

        let text = database.folder.appendingPathComponent("text.db").path
        try String(repeating: "no database ", count: 1_000).write(
            toFile: text, atomically: true, encoding: .utf8)
        #expect(throws: StoreError.self) { try SQLiteStore(path: text) }

        let foreign = database.folder.appendingPathComponent("foreign.db").path
        let queue = try DatabaseQueue(path: foreign)
        try queue.write { try $0.execute(sql: "CREATE TABLE theirs (a)") }
        try queue.close()
        let error = #expect(throws: StoreError.self) { try SQLiteStore(path: foreign) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("not one of Signalbox") == true)
    }

    @Test("erasing gives the disk space back")
    func givesSpaceBack() async throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        let new = try pageCount(store)
        for number in 1...20 as ClosedRange<Int64> {
            try store.put(
                .insertExecution(Samples.execution(number, status: .completed)),
                .appendJournal(Samples.journal(number, from: 1, bytes: 200_000, ends: true)))
        }
        let full = try pageCount(store)
        for number in 1...20 as ClosedRange<Int64> {
            try store.put(.deleteExecution(ExecutionNumber(rawValue: number)))
        }
        let empty = try pageCount(store)
        #expect(full > new + 900)
        #expect(empty < new + 20)
    }

    private func pageCount(_ store: SQLiteStore) throws -> Int {
        try store.withWriter { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    }

    @Test("a failing disk fails the commits of its group, and the next group works")
    func fullDisk() async throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        try store.put(.insertExecution(Samples.execution(1)))
        try store.withWriter { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
        }
        let outcomes = store.write([
            Commit([.appendJournal(Samples.journal(1, from: 1))]),
            Commit([.appendJournal(Samples.journal(1, from: 2, bytes: 1 << 20))]),
        ])
        for outcome in outcomes {
            guard case .failed(let error) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
            #expect(error.code == .io)
            #expect(error.message.contains("full"))
        }
        try store.withWriter { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        try store.put(.appendJournal(Samples.journal(1, from: 1)))
        let rows = try await store.journal(
            ExecutionNumber(rawValue: 1), after: 0, byteLimit: 1_000)
        #expect(rows.count == 1)
    }
}
