import Foundation
import GRDB
import Messages
import Model
import ProtobufRuntime
import Store
import StoreConformance
import Testing

@testable import SQLiteStore

/// How much of the disk is used.
struct SpaceTests {
    private func count(_ store: SQLiteStore, _ sql: String) throws -> Int {
        try store.withWriter { try Int.fetchOne($0, sql: sql) ?? 0 }
    }

    private func fileBytes(_ database: TemporaryDatabase) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: database.path)
        return (attributes[.size] as? Int) ?? 0
    }

    /// Moves what was written from the log into the file.
    private func checkpoint(_ store: SQLiteStore) throws {
        try store.withWriter { _ = try Row.fetchOne($0, sql: "PRAGMA wal_checkpoint(TRUNCATE)") }
    }

    @Test("a large value is kept once, compressed, until the last journal that holds it goes")
    func sharedPayloads() async throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        for number in 1...20 as ClosedRange<Int64> {
            try store.put(
                .insertExecution(Samples.execution(number, status: .completed)),
                .appendJournal(Samples.payloads(number)))
        }
        // Three different values, one of which comes twice in each journal.
        #expect(try count(store, "SELECT count(*) FROM payloads") == 3)
        #expect(try count(store, "SELECT sum(uses) FROM payloads") == 4 * 20)
        #expect(try count(store, "SELECT count(*) FROM payloads WHERE compressed = 1") == 2)
        let kept = try count(store, "SELECT sum(length(bytes)) FROM payloads")
        #expect(kept < 40 << 10, "800 KB of text and 28 KB beside it take \(kept) bytes")
        #expect(try count(store, "SELECT max(length(batch)) FROM journal") < 1_000)
        for number in 1...19 as ClosedRange<Int64> {
            try store.put(.expireExecution(ExecutionNumber(rawValue: number)))
        }
        #expect(try count(store, "SELECT sum(uses) FROM payloads") == 4)
        try store.put(.deleteExecution(ExecutionNumber(rawValue: 20)))
        #expect(try count(store, "SELECT count(*) FROM payloads") == 0)
    }

    @Test("a payload that is missing or damaged is told, and not passed over")
    func damagedPayload() async throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        try store.put(
            .insertExecution(Samples.execution(1)), .appendJournal(Samples.payloads(1)))
        try store.withWriter {
            try $0.execute(sql: "UPDATE payloads SET bytes = x'00' WHERE payload_id = 1")
        }
        await #expect(throws: StoreError.self) {
            _ = try await store.journal(
                ExecutionNumber(rawValue: 1), after: 0, byteLimit: 1 << 20)
        }
    }

    @Test("what is read without payloads does not touch them")
    func untouchedPayloads() async throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        let written = Samples.payloads(1)
        try store.put(.insertExecution(Samples.execution(1)), .appendJournal(written))
        try store.withWriter { try $0.execute(sql: "DELETE FROM payloads") }
        let rows = try await store.journal(
            ExecutionNumber(rawValue: 1), after: 0, byteLimit: 1 << 20, payloads: false)
        let row = try #require(rows.first)
        #expect(row.lastSequence == written.lastSequence)
        let read = try unsafe row.batch.withUnsafeBytes { try unsafe EventBatch(protobufBytes: $0) }
        let whole = try unsafe written.batch.withUnsafeBytes {
            try unsafe EventBatch(protobufBytes: $0)
        }
        #expect(read.events.map(\.sequence) == whole.events.map(\.sequence))
        #expect(row.batch.count < 1_000)
    }

    @Test("the file shrinks to what is left when what has ended is erased")
    func givesSpaceBack() async throws {
        let database = try TemporaryDatabase()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        try checkpoint(store)
        let empty = try fileBytes(database)
        for number in 1...500 as ClosedRange<Int64> {
            try store.put(
                .insertExecution(Samples.execution(number, status: .completed)),
                .appendJournal(Samples.journal(number, from: 1, bytes: 40_000, ends: true)))
        }
        try checkpoint(store)
        let full = try fileBytes(database)
        #expect(full > 20_000_000)
        for number in 1...499 as ClosedRange<Int64> {
            try store.put(.expireExecution(ExecutionNumber(rawValue: number)))
        }
        while try await store.reclaim(pagesMax: 512) > 0 {}
        let left = try fileBytes(database)
        #expect(
            left < empty + 100_000, "\(full) bytes became \(left), of an empty store's \(empty)")
    }

    @Test(
        "a journal that an older version wrote is read as it is",
        arguments: 1..<Schema.migrations.count)
    func olderJournals(version: Int) async throws {
        let database = try TemporaryDatabase()
        let queue = try DatabaseQueue(path: database.path)
        try await queue.writeWithoutTransaction { database in
            try Schema.migrate(database, migrations: Array(Schema.migrations.prefix(version)))
            let columns =
                try database.columns(in: "journal").count > 4
                ? "(position, event_count, ends_execution, batch)" : ""
            try database.execute(
                sql: "INSERT INTO journal \(columns) VALUES ((1 << 20) + 1, 2, 1, x'0102')")
        }
        try queue.close()
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        let rows = try await store.journal(
            ExecutionNumber(rawValue: 1), after: 0, byteLimit: 1 << 20)
        #expect(rows.map(\.batch) == [[1, 2]])
    }
}
