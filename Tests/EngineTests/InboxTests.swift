@testable import Engine
import Messages
import Model
import Store
import Testing

/// Messages for executions, over a real store.
@Suite struct InboxTests {
    private static func parentEnded(_ recipient: Int64) -> Change {
        .insertInbox(
            InboxRow(
                InboxMessage(kind: .parentEnded(ParentEnded(parentID: "p", reason: "it ended"))),
                to: ExecutionNumber(rawValue: recipient)))
    }

    private static func rows(_ server: TestServer) async throws -> [ExecutionNumber] {
        try await server.store.inboxRecipients(after: nil, limit: 10)
    }

    @Test func `a message loads its execution, is folded, and is gone with what it causes`()
        async throws
    {
        let server = try await TestServer()
        let held = try await server.run(Definitions.approval)
        #expect(server.engine.load.resident == 0)
        _ = try await server.committer.commit(
            Commit([Self.parentEnded(held.number)]), admission: .accepted)
        let ended = try await server.until(held) { $0.status.isOver }
        #expect(ended.status == .cancelled)
        #expect(ended.endedBy == "execution:p")
        #expect(try await Self.rows(server) == [])
        await server.stop()
    }

    @Test func `messages that were not folded are found when the server starts`() async throws {
        let server = try await TestServer()
        let held = try await server.run(Definitions.approval)
        let over = try await server.run(Definitions.start)
        try await server.restart {
            // Nobody is there to be told.
            #expect(
                $0.write([
                    Commit([Self.parentEnded(held.number)]),
                    Commit([Self.parentEnded(held.number), Self.parentEnded(over.number)]),
                ]).count == 2)
        }
        let ended = try await server.until(held) { $0.status.isOver }
        #expect(ended.status == .cancelled)
        // What was for one that had ended, or came twice, is dropped.
        while try await !Self.rows(server).isEmpty { await Task.yield() }
        #expect(try await server.events(over).last?.sequence == over.lastSequence)
        #expect(server.engine.invariantFaults() == [])
        await server.stop()
    }

    @Test func `more messages than one reading takes are all folded`() async throws {
        let server = try await TestServer()
        let held = try await server.run(Definitions.approval)
        let stale = InboxMessage(kind: .taskEnded(TaskEnded(nodePath: "none", attempt: 1)))
        let number = ExecutionNumber(rawValue: held.number)
        _ = try await server.committer.commit(
            Commit((0..<250).map { _ in .insertInbox(InboxRow(stale, to: number)) }),
            admission: .accepted)
        while try await !Self.rows(server).isEmpty { await Task.yield() }
        #expect(try await server.get(held).status == .suspended)
        await server.stop()
    }

    @Test func `a write that fails loses no message`() async throws {
        let server = try await TestServer()
        let held = try await server.run(Definitions.approval)
        _ = server.store.write([Commit([Self.parentEnded(held.number)])])
        server.store.fail(percent: 100)
        server.engine.noticeInbox(of: ExecutionNumber(rawValue: held.number))
        while server.store.failures == 0 { await Task.yield() }
        server.store.fail(percent: 0)
        let environment = server.environment
        let ticker = Task {
            while !Task.isCancelled {
                environment.advance(by: .milliseconds(100))
                await Task.yield()
            }
        }
        #expect(try await server.until(held) { $0.status.isOver }.status == .cancelled)
        ticker.cancel()
        await ticker.value
        #expect(try await Self.rows(server) == [])
        await server.stop()
    }
}

extension Definitions {
    static let start = #"""
        {"nodes":[{"id":"start","type":"start"},{"id":"end","type":"end"}],
        "edges":[{"source":"start","target":"end"}]}
        """#
}

extension Engine {
    /// What the committer says after a commit.
    func noticeInbox(of number: ExecutionNumber) { parts.post(.inbox(number), to: number) }
}
