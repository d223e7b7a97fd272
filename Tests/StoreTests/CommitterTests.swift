import Foundation
import Logging
import Messages
import Model
import SQLiteStore
import StoreConformance
import Synchronization
import Testing

@testable import Store

/// A committer and a feed over a database of their own.
final class CommittingStore: Sendable {
    let store: SQLiteStore
    let feed: JournalFeed
    let committer: Committer
    private let folder: URL

    init(limits: Limits = Limits()) throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("signalbox-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try SQLiteStore(path: folder.appendingPathComponent("signalbox.db").path)
        feed = JournalFeed(store: store, limits: limits)
        committer = Committer(
            store: store, feed: feed, limits: limits, logger: Logger(label: "test"))
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    func append(_ row: JournalRow) async throws {
        let outcome = try await committer.commit(
            Commit([.appendJournal(row)]), admission: .accepted)
        #expect(outcome.isCommitted)
    }

    func insert(_ number: Int64) async throws {
        let outcome = try await committer.commit(
            Commit([.insertExecution(Samples.execution(number))]), admission: .new)
        #expect(outcome.isCommitted)
    }

    func end(_ number: Int64, at sequence: Int64) async throws {
        let row = Samples.execution(number)
        let outcome = try await committer.commit(
            Commit([
                .updateExecution(row.with(status: .completed), from: row.state),
                .appendJournal(Samples.journal(number, from: sequence, ends: true)),
            ]), admission: .accepted)
        #expect(outcome.isCommitted)
    }
}

@Suite("Committer")
struct CommitterTests {
    @Test("outcomes come in the order of the commits, each its own")
    func outcomes() async throws {
        let setting = try CommittingStore()
        let outcomes = Mutex<[(Int64, Bool)]>([])
        // Queued before the thread runs, so that they are one group.
        for number in [1, 2, 1, 3] as [Int64] {
            try setting.committer.submit(
                Commit([.insertExecution(Samples.execution(number))]), admission: .new
            ) { outcome in
                outcomes.withLock { $0.append((number, outcome.isCommitted)) }
            }
        }
        #expect(setting.committer.waitingCount == 4)
        setting.committer.run()
        await setting.committer.stop()
        #expect(outcomes.withLock { $0.map(\.0) } == [1, 2, 1, 3])
        #expect(outcomes.withLock { $0.map(\.1) } == [true, true, false, true])
        let statistics = setting.committer.statistics
        #expect(statistics.groups == 1)
        #expect(statistics.committed == 3)
        #expect(statistics.failed == 1)
        #expect(statistics.groupCommitsMax == 4)
    }

    @Test("new work is refused past the limit, accepted work is not")
    func overload() async throws {
        var limits = Limits()
        limits.waitingCommitsMax = 1
        let setting = try CommittingStore(limits: limits)
        try setting.committer.submit(Commit([]), admission: .new) { _ in }
        let error = #expect(throws: StoreError.self) {
            try setting.committer.submit(Commit([]), admission: .new) { _ in }
        }
        #expect(error?.code == .overloaded)
        try setting.committer.submit(Commit([]), admission: .accepted) { _ in }
        setting.committer.run()
        await setting.committer.stop()
        #expect(setting.committer.statistics.committed == 2)
    }

    @Test("after stopping, what was queued is stored and nothing more is taken")
    func stops() async throws {
        let setting = try CommittingStore()
        setting.committer.run()
        setting.committer.run()
        try await setting.insert(1)
        await setting.committer.stop()
        await setting.committer.stop()
        let error = await #expect(throws: StoreError.self) {
            _ = try await setting.committer.commit(Commit([]), admission: .accepted)
        }
        #expect(error?.code == .unavailable)
        let number = ExecutionNumber(rawValue: 1)
        #expect(try await setting.store.execution(.number(number), workspaceID: nil) != nil)
    }

    @Test("a committer that never ran stops at once")
    func neverRan() async throws {
        try await CommittingStore().committer.stop()
    }

    @Test("commits from many tasks are all written, each execution's in its order")
    func concurrent() async throws {
        let setting = try CommittingStore()
        setting.committer.run()
        try await withThrowingTaskGroup { group in
            for number in 1...32 {
                group.addTask {
                    try await setting.insert(Int64(number))
                    for sequence in 1...5 {
                        try await setting.append(
                            Samples.journal(Int64(number), from: Int64(sequence)))
                    }
                }
            }
            try await group.waitForAll()
        }
        await setting.committer.stop()
        #expect(setting.committer.statistics.committed == 32 * 6)
        for number in 1...32 {
            let rows = try await setting.store.journal(
                ExecutionNumber(rawValue: Int64(number)), after: 0, byteLimit: 1_000)
            #expect(rows.map(\.firstSequence) == [1, 2, 3, 4, 5])
        }
    }
}
