import Engine
import Messages
import Model
import ProtobufRuntime
import Store
import Testing

@testable import Engine

struct RetentionTests {
    private static func ended(_ created: Int64, _ ended: Int64, tagged: Bool = false)
        -> EndedExecution
    {
        EndedExecution(
            position: ExecutionQuery.Position(
                createdAt: WallTime(microseconds: created),
                number: ExecutionNumber(rawValue: created)),
            endedAt: WallTime(microseconds: ended), isTagged: tagged)
    }

    @Test func `what is too old or too many goes, unless it has tags`() {
        var plan = RetentionPlan(
            endedSince: WallTime(microseconds: 50), executionsMax: 4, total: 6)
        let decisions = [
            Self.ended(10, 90), Self.ended(20, 95, tagged: true), Self.ended(30, 40),
            Self.ended(40, 60), Self.ended(45, 49, tagged: true), Self.ended(60, 70),
        ].map { plan.decide($0) }
        #expect(decisions == [.erase, .spare, .erase, .keep, .spare, .stop])
        var unbounded = RetentionPlan(endedSince: nil, executionsMax: 0, total: 6)
        #expect(unbounded.decide(Self.ended(1, 1)) == .stop)
    }

    private static let plain = #"""
        {"nodes":[{"id":"s","type":"start"},{"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"e"}]}
        """#

    @Test func `the server erases by itself what a workspace does not keep`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.approval, id: "asks")
        let waiting = try await server.trigger("asks").execution
        _ = try await server.rest(waiting)
        try await server.put(Self.plain)
        var made: [Execution] = []
        for _ in 0..<5 { made.append(try await server.rest(try await server.trigger().execution)) }
        let retention = RetentionSettings(days: 1, executionsMax: 3)
        let dry = try await server.engine.applyRetention(
            retention, workspaceID: "default", isDryRun: true)
        #expect(dry == RetentionResult(erased: 2))
        _ = try await server.committer.commit(
            Commit([
                .access(
                    .putSettings(
                        workspaceID: "default", WorkspaceSettings(retention: retention)))
            ]), admission: .new)
        server.environment.advance(by: .seconds(60))
        // The entry of the audit log comes after the erasures.
        func entry() async throws -> AuditEntry? {
            try await server.store.access.auditEntries(
                AuditQuery(workspaceID: "default", operation: "RetentionService/Apply")
            ).first
        }
        while try await entry() == nil { await Task.yield() }
        #expect(try await entry()?.object == "2 executions")
        #expect(try await server.numbers() == [waiting.number] + made.suffix(3).map(\.number))
        server.environment.advance(by: .seconds(2 * 86_400))
        while try await server.numbers() != [waiting.number] { await Task.yield() }
        await server.stop()
    }

    @Test func `deliveries are forgotten also where no more come`() async throws {
        let server = try await TestServer()
        let webhook = WebhookRow(
            stored: StoredWebhook(
                webhook: Webhook(id: "idle", workspaceID: "default", podID: "default")))
        func deliver(_ key: String) async throws {
            let delivery = WebhookDelivery(
                deliveryID: key, time: Timestamp(server.environment.now()))
            _ = try await server.committer.commit(
                Commit([
                    .webhook(
                        .insertDelivery(
                            DeliveryRow(webhookID: "idle", keys: [key], delivery: delivery)))
                ]), admission: .new)
        }
        _ = try await server.committer.commit(
            Commit([.webhook(.insert(webhook, max: 9))]), admission: .new)
        try await deliver("old")
        server.environment.advance(by: .seconds(6 * 86_400))
        try await deliver("young")
        server.environment.advance(by: .seconds(86_400 + 1))
        let webhooks = server.store.webhooks
        while try await webhooks.delivery("idle", key: "old") != nil { await Task.yield() }
        #expect(try await webhooks.delivery("idle", key: "young") != nil)
        await server.stop()
    }

    @Test func `large payloads of a replay are those of its source`() async throws {
        let server = try await TestServer()
        let text = String(repeating: "large ", count: 20_000)
        let first = try await server.run(Definitions.steps(3), input: "\"\(text)\"")
        let row = try #require(
            await server.store.execution(
                .number(ExecutionNumber(rawValue: first.number)), workspaceID: nil))
        let replay = try await server.rest(
            try await server.engine.replay(
                row, ReplayPlan(fromNodeID: "n3"), by: "a", request: nil
            ).execution)
        #expect(replay.outputJSON == "\"\(text)\"")
        func hashes(_ execution: Execution) async throws -> Set<[UInt8]> {
            let rows = LiveExecution.journalRows(
                ExecutionNumber(rawValue: execution.number), try await server.events(execution))
            return Set(rows.flatMap { $0.cut?.parts.map(\.hash) ?? [] })
        }
        let shared = try await hashes(first)
        #expect(shared.count == 1)
        #expect(try await hashes(replay) == shared)
        await server.stop()
    }
}

extension TestServer {
    /// Of all executions, oldest first.
    fileprivate func numbers() async throws -> [Int64] {
        try await store.executions(ExecutionQuery(workspaceID: "default", limit: 100))
            .rows.map(\.execution.number).reversed()
    }
}
