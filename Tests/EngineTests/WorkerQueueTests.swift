import Engine
import Messages
import Model
import Store
import Testing

/// Queues with limits, and workspaces beside each other, over a real store and engine.
@Suite(.timeLimit(.minutes(2))) struct WorkerQueueTests {
    /// Stores a queue's limits and sets them, as the operation does.
    private static func limit(
        _ server: TestServer, concurrency: Int32 = 0, perMinute: Int32 = 0
    ) async throws {
        let row = QueueRow(
            workspaceID: "default", name: "gpu", concurrency: concurrency,
            tasksPerMinute: perMinute)
        _ = try await server.committer.commit(
            Commit([.worker(.putQueue(row, limit: 10))]), admission: .new)
        server.engine.workers.limit(row)
    }

    @Test func `a queue's rate holds by the clock, and over a start of the server`() async throws {
        let server = try await TestServer()
        try await Self.limit(server, perMinute: 2)
        try await server.put(Definitions.worked("resize", #"{"queue":"gpu"}"#))
        var runs: [Execution] = []
        for _ in 0..<4 { runs.append(try await server.trigger().execution) }
        for run in runs { _ = try await server.until(run) { $0.nextWakeUp.contains("gpu") } }
        while server.engine.workers.counts.waiting < 4 { await Task.yield() }
        let session = try server.connect(queue: "gpu", concurrency: 9)
        try await server.complete(try await session.task())
        try await server.complete(try await session.task())
        // The board is told after whoever completed.
        while server.engine.workers.counts.running > 0 { await Task.yield() }
        #expect(server.engine.workers.counts.waiting == 2)
        // One more every 30 seconds.
        server.environment.advance(by: .seconds(30))
        try await server.complete(try await session.task())
        #expect(server.engine.workers.counts.waiting == 1)

        try await server.restart()
        let again = try server.connect(queue: "gpu", concurrency: 9)
        server.environment.advance(by: .seconds(6))
        try await server.complete(try await again.task())
        for run in runs { #expect(try await server.rest(run).status == .completed) }
        let more = [try await server.trigger().execution, try await server.trigger().execution]
        // A start fills the allowance, of which one is used: one more goes now, the next later.
        let next = try await again.task()
        while server.engine.workers.counts.waiting == 0 { await Task.yield() }
        #expect(server.engine.workers.counts.running == 1)
        try await server.complete(next)
        server.environment.advance(by: .seconds(30))
        try await server.complete(try await again.task())
        for run in more { #expect(try await server.rest(run).status == .completed) }
        await server.stop()
    }

    @Test func `a queue's concurrency holds until a task ends or is lost`() async throws {
        let server = try await TestServer()
        try await Self.limit(server, concurrency: 1)
        try await server.put(
            Definitions.worked("resize", #"{"queue":"gpu","heartbeatTimeout":"10s"}"#))
        let first = try await server.trigger(input: "1").execution
        let session = try server.connect(queue: "gpu", concurrency: 9)
        let lost = try await session.task()
        let second = try await server.trigger(input: "2").execution
        while server.engine.workers.counts.waiting == 0 { await Task.yield() }
        #expect(server.engine.workers.counts.running == 1)
        server.environment.advance(by: .seconds(11))
        #expect(try await session.cancellation().taskID == lost.taskID)
        let next = try await session.task()
        #expect(next.inputJSON == "2")
        try await server.complete(next)
        let again = try await session.task()
        #expect(again.attempt == 2)
        try await server.complete(again)
        #expect(try await server.rest(first).status == .completed)
        #expect(try await server.rest(second).status == .completed)
        await server.stop()
    }
}
