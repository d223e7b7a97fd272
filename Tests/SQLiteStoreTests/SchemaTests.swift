import Foundation
import GRDB
import Messages
import Model
import ProtobufRuntime
import Store
import StoreConformance
import Testing

@testable import SQLiteStore

@Suite("Schema")
struct SchemaTests {
    @Test(
        "a database of every earlier version is brought to the newest",
        arguments: 0..<Schema.migrations.count)
    func migrates(from version: Int) async throws {
        let database = try TemporaryDatabase()
        try makeDatabase(at: database.path, version: version)
        let store = try SQLiteStore(path: database.path)
        let row = Samples.execution(1)
        try store.put(.insertExecution(row), .appendJournal(Samples.journal(1, from: 1)))
        let page = try await store.executions(ExecutionQuery(workspaceID: "default"))
        #expect(page.rows == [row])
        let read = try store.withWriter { try Int.fetchOne($0, sql: "PRAGMA user_version") }
        #expect(read == Schema.migrations.count)
        store.close()
    }

    @Test(
        "a migrated database has the same schema as a new one",
        arguments: 0..<Schema.migrations.count)
    func sameSchema(from version: Int) throws {
        let old = try TemporaryDatabase()
        try makeDatabase(at: old.path, version: version)
        #expect(try schema(of: old) == schema(of: TemporaryDatabase()))
    }

    @Test("the versions of workflows that were erased before are told by their executions")
    func erasedWorkflows() async throws {
        let database = try TemporaryDatabase()
        try makeDatabase(at: database.path, version: 1)
        let queue = try DatabaseQueue(path: database.path)
        try await queue.write { database in
            for version in [2, 7] {
                try database.execute(
                    sql: """
                        INSERT INTO executions (number, id, workspace_id, pod_id, workflow_id, \
                        workflow_version, workflow_name, state, trigger_kind, triggered_by, \
                        created_at, last_sequence, priority) \
                        VALUES (?1, zeroblob(?1), 'default', 'default', 'gone', ?1, '', 4000, 1, \
                        '', 0, 1, 0)
                        """, arguments: [version])
            }
        }
        try queue.close()
        let store = try SQLiteStore(path: database.path)
        #expect(try await store.latestVersion("gone", workspaceID: "default") == 7)
        store.close()
    }

    @Test("a database of a newer version is refused and left alone")
    func tooNew() throws {
        let database = try TemporaryDatabase()
        try SQLiteStore(path: database.path).close()
        let queue = try DatabaseQueue(path: database.path)
        let newer = Schema.migrations.count + 1
        try queue.write { try $0.execute(sql: "PRAGMA user_version = \(newer)") }
        try queue.close()
        let error = #expect(throws: StoreError.self) { try SQLiteStore(path: database.path) }
        #expect(error?.code == .tooNew)
        #expect(error?.message.contains("version \(newer)") == true)
        // The lock was released, so that the newer program can open it.
        #expect(throws: StoreError.self) { try SQLiteStore(path: database.path) }
    }

    @Test("what an older database names has its workspace and pod, and its admin is the server's")
    func oldWorkspaces() async throws {
        let database = try TemporaryDatabase()
        let before = try #require(Schema.migrations.firstIndex(of: Schema.access))
        try makeDatabase(at: database.path, version: before)
        let queue = try DatabaseQueue(path: database.path)
        try await queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO workflows VALUES ('old', 'w', 'folder', 1, 0, 0);
                    INSERT INTO tokens VALUES
                        ('default', 't1', 'admin', 4, 0, NULL, NULL, 'server', x'01'),
                        ('default', 't2', 'ci', 4, 0, NULL, NULL, 'token:admin', x'02');
                    """)
        }
        try queue.close()
        let store = try SQLiteStore(path: database.path)
        let workspaces = try await store.workspaces(memberOf: nil, after: nil, limit: 9)
        #expect(workspaces.map(\.id) == ["default", "old"])
        #expect(workspaces.allSatisfy { ExecutionID($0.uuid) != nil })
        let pods = try await store.pods(workspaceID: "old", after: nil, limit: 9)
        #expect(pods.map(\.id) == ["default", "folder"])
        let tokens = try await store.tokens(workspaceID: "default", after: nil, limit: 9)
        #expect(tokens.map(\.serverAdmin) == [true, false])
        #expect(tokens.map(\.kind) == [.bearer, .bearer])
        store.close()
    }

    @Test("what was open before there was an inbox is listed in it")
    func openBefore() async throws {
        let database = try TemporaryDatabase()
        let before = try #require(Schema.migrations.firstIndex(of: Schema.interrupts))
        try makeDatabase(at: database.path, version: before)
        let queue = try DatabaseQueue(path: database.path)
        try await queue.write { database in
            for (number, status) in [(1, ExecutionStatus.suspended), (2, .completed)] {
                let details = Execution(
                    interrupts: [
                        Interrupt(id: "a#1", type: .approval, nodePath: "a", assignees: ["ada"]),
                        Interrupt(id: "b#1", type: .question, nodePath: "b"),
                    ])
                let state = try StateCode(
                    ExecutionState(
                        status: status, reason: status == .suspended ? .approval : .unspecified,
                        isWaiting: false))
                try database.execute(
                    sql: """
                        INSERT INTO executions (number, id, workspace_id, pod_id, workflow_id, \
                        workflow_version, workflow_name, state, trigger_kind, triggered_by, \
                        created_at, last_sequence, priority, details) \
                        VALUES (?1, zeroblob(15 + ?1), 'default', 'default', 'order', 1, 'Order', \
                        ?2, 1, '', 0, 1, 0, ?3)
                        """,
                    arguments: [
                        number, state.rawValue,
                        unsafe details.withProtobufBytes { unsafe Data($0) },
                    ])
            }
        }
        try queue.close()
        let store = try SQLiteStore(path: database.path)
        func open(_ audience: Set<InterruptQuery.Audience>) async throws -> [String] {
            try await store.openInterrupts(
                InterruptQuery(workspaceID: "default", audience: audience)
            ).interrupts.map { "\($0.executionNumber) \($0.interrupt?.id ?? "")" }
        }
        #expect(try await open([]) == ["1 b#1", "1 a#1"])
        #expect(try await open([.assignee("ada")]) == ["1 a#1"])
        #expect(try await open([.anybody]) == ["1 b#1"])
        store.close()
    }

    @Test("why bulk operations were stopped is told apart from who stopped them")
    func stopReasons() async throws {
        let database = try TemporaryDatabase()
        let before = try #require(Schema.migrations.firstIndex(of: Schema.bulkStopReason))
        try makeDatabase(at: database.path, version: before)
        let queue = try DatabaseQueue(path: database.path)
        try await queue.write { database in
            for (number, by) in [(1, "PRINCIPAL_GONE"), (2, "token:ci")] {
                try database.execute(
                    sql: """
                        INSERT INTO bulks (number, id, workspace_id, status, created_at, total, \
                        stopped_by, details) VALUES (?1, zeroblob(15 + ?1), 'default', 3, 0, 0, \
                        ?2, x'')
                        """, arguments: [number, by])
            }
        }
        try queue.close()
        let store = try SQLiteStore(path: database.path)
        let operations = try await store.many.bulks(
            workspaceID: "default", statuses: [], before: nil, limit: 9)
        #expect(operations.map(\.stoppedBy) == ["token:ci", ""])
        #expect(operations.map(\.stopReason) == ["", "PRINCIPAL_GONE"])
        store.close()
    }

    @Test("what was suspended of a batch before that was counted is counted")
    func suspendedBefore() async throws {
        let database = try TemporaryDatabase()
        let before = try #require(Schema.migrations.firstIndex(of: Schema.batchSuspended))
        try makeDatabase(at: database.path, version: before)
        let queue = try DatabaseQueue(path: database.path)
        try await queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO batches (number, id, workspace_id, pod_id, status, created_at, total, \
                    queued, running, completed, failed, stopped, details) \
                    VALUES (1, zeroblob(16), 'default', 'default', 1, 0, 3, 0, 3, 0, 0, 0, x'')
                    """)
            for (number, state) in [(1, 3_010), (2, 2_000), (3, 3_000), (4, 3_000)] {
                try database.execute(
                    sql: """
                        INSERT INTO executions (number, id, workspace_id, pod_id, workflow_id, \
                        workflow_version, workflow_name, state, trigger_kind, triggered_by, \
                        created_at, last_sequence, priority) \
                        VALUES (?1, zeroblob(15 + ?1), 'default', 'default', 'w', 1, '', ?2, 1, '', \
                        0, 1, 0)
                        """, arguments: [number, state])
                guard number < 4 else { continue }
                try database.execute(
                    sql: "INSERT INTO batch_items (batch_number, position, number, item) "
                        + "VALUES (1, ?1, ?1, x'')", arguments: [number])
            }
        }
        try queue.close()
        let store = try SQLiteStore(path: database.path)
        let batch = try await store.many.batch(
            .number(ExecutionNumber(rawValue: 1)), workspaceID: "default")
        #expect(batch?.suspended == 2)
        #expect(batch?.running == 3)
        store.close()
    }

    private func makeDatabase(at path: String, version: Int) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            try Schema.migrate(database, migrations: Array(Schema.migrations.prefix(version)))
        }
        try queue.close()
    }

    private func schema(of database: TemporaryDatabase) throws -> [String] {
        let store = try SQLiteStore(path: database.path)
        defer { store.close() }
        return try store.withWriter { database in
            try String.fetchAll(
                database, sql: "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
        }
    }
}
