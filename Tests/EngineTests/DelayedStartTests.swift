import Messages
import Model
import Testing

@testable import Engine

/// Executions that are triggered for later.
struct DelayedStartTests {
    private static let noop = #"""
        {"nodes":[{"id":"s","type":"start"},{"id":"n","type":"noop"},{"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"n"},{"source":"n","target":"e"}]}
        """#

    private func trigger(_ server: TestServer, after delay: Duration) async throws -> Execution {
        var new = NewExecution(workspaceID: "default", workflowID: "flow", triggeredBy: "test")
        new.notBefore = server.environment.now().advanced(by: delay)
        return try await server.engine.trigger(new).execution
    }

    @Test func `it is queued until its instant and says so, then it runs`() async throws {
        let server = try await TestServer()
        try await server.put(Self.noop)
        let later = try await trigger(server, after: .seconds(30))
        #expect(later.status == .queued)
        #expect(later.nextWakeUp.hasPrefix("its start at"))
        try await server.restart()
        #expect(try await server.get(later).status == .queued)
        server.environment.advance(by: .seconds(31))
        let done = try await server.rest(later)
        #expect(done.status == .completed)
        let events = try await server.events(later)
        #expect(events.contains { if case .executionDue = $0.kind { true } else { false } })
        await server.stop()
    }

    @Test func `one that was due while the server was down starts when it is up`() async throws {
        let server = try await TestServer()
        try await server.put(Self.noop)
        let later = try await trigger(server, after: .seconds(3_600))
        try await server.restart { _ in server.environment.advance(by: .seconds(7_200)) }
        #expect(try await server.rest(later).status == .completed)
        await server.stop()
    }

    @Test func `it is cancelled before it begins, and an instant that has passed means now`()
        async throws
    {
        let server = try await TestServer()
        try await server.put(Self.noop)
        let later = try await trigger(server, after: .seconds(3_600))
        let ended = try await server.engine.cancel(
            ExecutionNumber(rawValue: later.number), by: "test", reason: "", request: nil)
        #expect(ended.status == .cancelled)
        let now = try await trigger(server, after: .seconds(-5))
        #expect(try await server.rest(now).status == .completed)
        await server.stop()
    }
}
