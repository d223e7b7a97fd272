import Engine
import Messages
import Model
import Store
import Testing

/// What tells who was handed a task from who guesses its name.
@Suite(.timeLimit(.minutes(2))) struct WorkerNameTests {
    @Test func `only the server makes a task's name`() async throws {
        let server = try await TestServer()
        let session = try server.connect()
        try await server.put(Definitions.worked())
        _ = try await server.trigger().execution
        let task = try await session.task()
        let hub = server.engine.workers
        #expect(hub.isOwn(task.taskID))
        let parts = task.taskID.split(separator: ".")
        #expect(parts.count == 4)
        #expect(parts[2].count == 32)
        let guesses = [
            "\(parts[0]).2.\(parts[2]).\(parts[3])", "\(parts[0]).1.\(parts[2]).end",
            "2.1.\(parts[2]).\(parts[3])", "1.1..job", "1.1.\(parts[2])", "1.1.0.job", "",
            task.taskID + "x", String(task.taskID.dropFirst()),
        ]
        for guess in guesses {
            #expect(!hub.isOwn(guess), "\(guess)")
            let error = #expect(throws: EngineError.self) { try hub.check(guess) }
            #expect(error?.reason == "TASK_OVER")
        }
        await server.stop()
    }

    @Test func `a name holds over a start of the server, also with a new key before the old`()
        async throws
    {
        let old = SecretKeyring.makeKey(named: "old")
        let server = try await TestServer()
        server.configuration.secretKeys = try SecretKeyring(parsing: old)
        try await server.restart()
        try await server.put(Definitions.worked())
        let first = try server.connect()
        let run = try await server.trigger(input: "1").execution
        let task = try await first.task()
        server.configuration.secretKeys = try SecretKeyring(
            parsing: SecretKeyring.makeKey(named: "new") + old)
        try await server.restart()
        let session = try server.connect(held: [task.taskID])
        #expect(server.engine.workers.counts.running == 1)
        #expect(try server.heard(of: "w", [task]).isEmpty)
        _ = try await server.engine.cancel(
            ExecutionNumber(rawValue: run.number), by: "test", reason: "", request: nil)
        // It is told by the name that it knows.
        #expect(try await session.cancellation().taskID == task.taskID)
        await server.stop()
    }

    @Test func `what a worker holds that is none of the server's is told to be over`() async throws
    {
        let server = try await TestServer()
        let spec = WorkerSpec(
            workspaceID: "default", id: "w", queue: "default",
            kinds: [WorkerSpec.Kind(name: "resize", concurrency: 0)], concurrency: 1,
            principal: "token:worker")
        let session = try server.engine.workers.connect(
            spec, held: ["1.1.made-up.job"])
        let told = try await session.cancellation()
        #expect(told.taskID == "1.1.made-up.job")
        #expect(told.ending == .over)
        await server.stop()
    }

    @Test func `a worker's id is its principal's while it is connected`() async throws {
        let server = try await TestServer()
        func spec(_ principal: String) -> WorkerSpec {
            WorkerSpec(
                workspaceID: "default", id: "w", queue: "default",
                kinds: [WorkerSpec.Kind(name: "resize", concurrency: 0)], concurrency: 1,
                principal: principal)
        }
        let hub = server.engine.workers
        let first = try hub.connect(spec("token:a"), held: [])
        let error = #expect(throws: EngineError.self) {
            try hub.connect(spec("token:b"), held: [])
        }
        #expect(error?.reason == "WORKER_ID_TAKEN")
        let beat = #expect(throws: EngineError.self) {
            try hub.heard(of: "w", workspaceID: "default", principal: "token:b", names: [])
        }
        #expect(beat?.reason == "WORKER_ID_TAKEN")
        _ = try hub.heard(of: "w", workspaceID: "default", principal: "token:a", names: [])
        #expect(hub.counts.workers == 1)
        first.close()
        // Nobody has it now.
        _ = try hub.connect(spec("token:b"), held: [])
        #expect(hub.counts.workers == 1)
        await server.stop()
    }
}
