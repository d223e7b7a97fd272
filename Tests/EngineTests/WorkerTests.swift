import Messages
import Model
import Store
import Testing

@testable import Engine

/// Nodes that workers run, over a real store and engine.
@Suite(.timeLimit(.minutes(2))) struct WorkerTests {
    @Test func `a task is pushed to a worker, and its output is the node's`() async throws {
        let server = try await TestServer()
        let session = try server.connect()
        try await server.put(Definitions.worked("resize", #"{"width":"${ .input.w * 2 }"}"#))
        let run = try await server.trigger(input: #"{"w":4}"#).execution
        let task = try await session.task()
        #expect(task.kind == "resize")
        #expect(task.inputJSON == #"{"w":4}"#)
        #expect(task.dataJSON == #"{"width":8}"#)
        #expect(task.executionID == run.id)
        #expect(task.attempt == 1)
        #expect(task.idempotencyToken.count == 64)
        #expect(task.queue == "default")
        #expect(server.engine.workers.counts.running == 1)
        try await server.complete(task, #"{"done":true}"#)
        let ended = try await server.rest(run)
        #expect(ended.status == .completed)
        #expect(ended.outputJSON == #"{"done":true}"#)
        #expect(server.engine.workers.counts.running == 0)
        await #expect(throws: EngineError.self) { try await server.complete(task) }
        await server.stop()
    }

    @Test func `the trace of a trigger goes with its tasks`() async throws {
        let server = try await TestServer()
        let session = try server.connect()
        try await server.put(Definitions.worked())
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let run = try await server.engine.trigger(
            NewExecution(workspaceID: "default", workflowID: "flow", traceparent: trace)
        ).execution
        let task = try await session.task()
        #expect(task.traceparent == trace)
        try await server.complete(task)
        #expect(try await server.rest(run).status == .completed)
        await server.stop()
    }

    @Test func `without a worker the node waits out of memory, and get says so`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.worked("worker", #"{"type":"resize","queue":"gpu"}"#))
        let run = try await server.trigger(input: "1").execution
        _ = try await server.until(run) { $0.nextWakeUp.contains("resize@gpu") }
        // Watchers are told of a commit before the board is.
        while server.engine.workers.counts.waiting == 0 { await Task.yield() }
        let waiting = try await server.get(run)
        #expect(waiting.status == .running)
        #expect(
            waiting.nextWakeUp
                == "a worker for 'resize@gpu' at the node 'job'; no worker that serves it is connected"
        )
        while server.engine.load.resident > 0 { await Task.yield() }
        // One of another queue does not take it.
        let other = try server.connect("other")
        #expect(server.engine.workers.counts.running == 0)
        let session = try server.connect("gpu", queue: "gpu")
        let task = try await session.task()
        #expect(try await server.get(run).nextWakeUp.hasSuffix("the worker 'gpu' has it"))
        try await server.complete(task)
        #expect(try await server.rest(run).outputJSON == "1")
        other.close()
        await server.stop()
    }

    @Test func `a failure is tried again if it is retryable, and goes where the node says`()
        async throws
    {
        let server = try await TestServer()
        let session = try server.connect()
        try await server.put(
            Definitions.worked(
                "resize", #"{"retry":{"attempts":2,"delay":"1s"},"onError":"continue"}"#))
        let run = try await server.trigger().execution
        let first = try await session.task()
        try await server.fail(first)
        _ = try await server.until(run) { $0.waitingUntil != nil }
        server.environment.advance(by: .seconds(2))
        let second = try await session.task()
        #expect(second.attempt == 2)
        #expect(second.idempotencyToken == first.idempotencyToken)
        try await server.fail(second, "B")
        #expect(try await server.rest(run).outputJSON == #"{"code":"B","message":"m"}"#)

        let again = try await server.trigger().execution
        try await server.fail(try await session.task(), isRetryable: false)
        #expect(try await server.rest(again).outputJSON == #"{"code":"A","message":"m"}"#)
        await server.stop()
    }

    @Test func `a worker that is not heard of loses its task, and the late result is refused`()
        async throws
    {
        let server = try await TestServer()
        let silent = try server.connect("silent")
        try await server.put(Definitions.worked("resize", #"{"heartbeatTimeout":"10s"}"#))
        let run = try await server.trigger(input: "1").execution
        let lost = try await silent.task()
        server.environment.advance(by: .seconds(6))
        #expect(try server.heard(of: "silent", [lost]).isEmpty)
        // Renewed at 6 s, so it is not lost at 12 s, but at 16 s.
        server.environment.advance(by: .seconds(6))
        #expect(server.engine.workers.counts.running == 1)
        server.environment.advance(by: .seconds(5))
        let gone = try await silent.cancellation()
        #expect(gone.taskID == lost.taskID)
        #expect(gone.ending == .lost)
        // It is the only one that could be given the next attempt.
        let task = try await silent.task()
        #expect(task.attempt == 2)
        #expect(task.idempotencyToken == lost.idempotencyToken)
        let error = await #expect(throws: EngineError.self) {
            try await server.complete(lost, by: "silent")
        }
        #expect(error?.reason == "TASK_LOST")
        try await server.complete(task, "2", by: "silent")
        let ended = try await server.rest(run)
        #expect(ended.outputJSON == "2")
        let kinds = try await server.events(ended).compactMap { event -> String? in
            switch event.kind {
            case .nodeInterrupted(let lost): "interrupted \(lost.attempt)"
            case .nodeCompleted(let done) where done.nodeID == "job": "completed \(done.attempt)"
            default: nil
            }
        }
        #expect(kinds == ["interrupted 1", "completed 2"])
        await server.stop()
    }

    @Test func `the third loss is the node's failure`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.worked("resize", #"{"heartbeatTimeout":"10s"}"#))
        let run = try await server.trigger(input: "1").execution
        for attempt in 1...3 {
            let session = try server.connect("w\(attempt)")
            #expect(try await session.task().attempt == Int32(attempt))
            session.close()
            server.environment.advance(by: .seconds(6))
        }
        let ended = try await server.until(run) { $0.status.isOver }
        #expect(ended.status == .failed)
        #expect(ended.error?.code == "WORKER_LOST")
        await server.stop()
    }

    @Test func `a worker that comes back in time keeps what it holds, and the rest goes on`()
        async throws
    {
        let server = try await TestServer()
        try await server.put(Definitions.worked())
        let session = try server.connect(concurrency: 2)
        let first = try await server.trigger(input: "1").execution
        let held = try await session.task()
        let second = try await server.trigger(input: "2").execution
        let unheard = try await session.task()
        session.close()
        let again = try server.connect(
            concurrency: 2, held: [held.taskID])
        // What it does not name never got there: it is handed out again, as the same attempt.
        let repeated = try await again.task()
        #expect(repeated.taskID == unheard.taskID)
        server.environment.advance(by: .seconds(30))
        try await server.complete(held)
        try await server.complete(repeated)
        #expect(try await server.rest(first).status == .completed)
        #expect(try await server.rest(second).status == .completed)
        await server.stop()
    }

    @Test func `a cancelled execution is told to its worker`() async throws {
        let server = try await TestServer()
        let session = try server.connect()
        try await server.put(Definitions.worked())
        let run = try await server.trigger().execution
        let task = try await session.task()
        _ = try await server.engine.cancel(
            ExecutionNumber(rawValue: run.number), by: "test", reason: "", request: nil)
        let cancelled = try await session.cancellation()
        #expect(cancelled.taskID == task.taskID)
        #expect(cancelled.ending == .cancelled)
        let error = await #expect(throws: EngineError.self) { try await server.complete(task) }
        #expect(error?.reason == "TASK_OVER")
        #expect(try await server.store.tasks(workspaceID: nil, after: nil, limit: 9).isEmpty)
        await server.stop()
    }

    @Test func `the node's time-out takes the task away`() async throws {
        let server = try await TestServer()
        let session = try server.connect()
        try await server.put(Definitions.worked("resize", #"{"timeout":"30s"}"#))
        let run = try await server.trigger().execution
        let task = try await session.task()
        #expect(task.deadline != nil)
        server.environment.advance(by: .seconds(31))
        #expect(try await session.cancellation().taskID == task.taskID)
        #expect(try await server.until(run) { $0.status.isOver }.reason == .timedOut)
        await server.stop()
    }

    @Test func `progress is an event that watchers see, and renews the task`() async throws {
        let server = try await TestServer()
        let session = try server.connect()
        try await server.put(Definitions.worked("resize", #"{"heartbeatTimeout":"10s"}"#))
        let run = try await server.trigger().execution
        let task = try await session.task()
        let key = try #require(TaskID.key(task.taskID))
        server.environment.advance(by: .seconds(8))
        try await server.engine.workers.progress(key, workspaceID: "default", dataJSON: "50")
        let early = await #expect(throws: EngineError.self) {
            try await server.engine.workers.progress(key, workspaceID: "default", dataJSON: "51")
        }
        #expect(early?.reason == "PROGRESS_RATE")
        server.environment.advance(by: .seconds(8))
        try await server.complete(task)
        let ended = try await server.rest(run)
        let progress = try await server.events(ended).compactMap { event -> String? in
            if case .nodeProgressed(let progress) = event.kind { progress.dataJSON } else { nil }
        }
        #expect(progress == ["50"])
        await server.stop()
    }

    @Test func `what a worker holds when the server dies is still its own`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.worked())
        let session = try server.connect("one")
        let run = try await server.trigger(input: "1").execution
        let task = try await session.task()
        try await server.restart()
        // Another may be there first: the task is kept for the one that had it.
        let other = try server.connect("two")
        #expect(server.engine.workers.counts.waiting == 1)
        // Until it has said that it is at work on it, its progress is not taken.
        let key = try #require(TaskID.key(task.taskID))
        let early = await #expect(throws: EngineError.self) {
            try await server.engine.workers.progress(key, workspaceID: "default", dataJSON: "1")
        }
        #expect(early?.reason == "PROGRESS_RATE")
        _ = try server.connect("one", held: [task.taskID])
        try await server.engine.workers.progress(key, workspaceID: "default", dataJSON: "1")
        #expect(server.engine.workers.counts.running == 1)
        server.environment.advance(by: .seconds(20))
        try await server.complete(task, by: "one")
        #expect(try await server.rest(run).status == .completed)
        other.close()
        await server.stop()
    }

    @Test func `what nobody claims after a start is handed out`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.worked())
        let run = try await server.trigger(input: "1").execution
        _ = try await server.until(run) { $0.nextWakeUp.contains("resize") }
        try await server.restart()
        let session = try server.connect()
        #expect(server.engine.workers.counts.running == 0)
        server.environment.advance(by: .seconds(6))
        let task = try await session.task()
        #expect(task.attempt == 1)
        try await server.complete(task)
        #expect(try await server.rest(run).status == .completed)
        await server.stop()
    }

    @Test func `secrets are put in when a task is handed out, and masked in what comes back`()
        async throws
    {
        let value = "s3cret-välue"
        let server = try await TestServer()
        try await server.putSecret("TOKEN", value)
        let session = try server.connect()
        try await server.put(
            Definitions.worked("resize", #"{"auth":{"token":"<${ .secrets.TOKEN }>"}}"#))
        let run = try await server.trigger().execution
        let task = try await session.task()
        #expect(task.dataJSON == #"{"auth":{"token":"<\#(value)>"}}"#)
        let key = try #require(TaskID.key(task.taskID))
        let stored = try #require(try await server.store.task(key))
        #expect(!String(decoding: stored.body, as: UTF8.self).contains(value))
        try await server.engine.workers.progress(
            key, workspaceID: "default", dataJSON: #""sent \#(value)""#)
        try await server.complete(task, #"{"echo":"\#(value)"}"#)
        let ended = try await server.rest(run)
        #expect(ended.outputJSON == #"{"echo":"***"}"#)
        for event in try await server.events(ended) { #expect(!"\(event)".contains(value)) }

        try await server.put(
            Definitions.worked(
                "worker", #"{"type":"resize","input":{"key":"${ .secrets.NONE }"}}"#))
        let reading = Task { try await session.next() }
        let missing = try await server.rest(try await server.trigger().execution)
        reading.cancel()
        #expect(missing.error?.code == "SECRET_NOT_FOUND")
        await server.stop()
    }

    @Test func `a registered kind is known when a workflow is saved, with its schema`()
        async throws
    {
        let server = try await TestServer()
        let good = Definitions.worked("resize", #"{"width":1,"retry":{"attempts":2}}"#)
        func codes(_ definition: String) async -> [String] {
            await server.engine.validate(
                definition, allowUnregistered: false, workspaceID: "default"
            ).map(\.code)
        }
        #expect(await codes(good) == ["UNKNOWN_KIND"])
        try await server.register(
            "resize",
            schema:
                #"{"type":"object","properties":{"width":{"type":"integer"}},"required":["width"]}"#
        )
        #expect(await codes(good) == [])
        #expect(await codes(Definitions.worked("resize", #"{"width":"x"}"#)) == ["BAD_VALUE"])
        #expect(await codes(Definitions.worked("resize", "{}")) == ["BAD_VALUE"])
        #expect(await codes(Definitions.worked("resize", #"{"width":"${ .input }"}"#)) == [])
        #expect(
            await server.engine.validate(
                good, allowUnregistered: false, workspaceID: "other"
            ).map(\.code) == ["UNKNOWN_KIND"])
        // The kind lasts.
        try await server.restart()
        #expect(await codes(good) == [])

        // What expressions make of data is checked when it is handed out.
        let session = try server.connect()
        try await server.put(Definitions.worked("resize", #"{"width":"${ .input }"}"#))
        let bad = try await server.trigger(input: #""x""#).execution
        let reading = Task { try await session.task() }
        #expect(try await server.rest(bad).error?.code == "DATA_INVALID")
        let fine = try await server.trigger(input: "3").execution
        try await server.complete(try await reading.value)
        #expect(try await server.rest(fine).status == .completed)
        await server.stop()
    }

    @Test func `a task that ended before it is handed out takes no worker's place`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.worked())
        let session = try server.connect()
        let ended = TaskHead(
            key: TaskKey(number: ExecutionNumber(rawValue: 7), nodePath: "job", attempt: 1),
            workspaceID: "default", kind: "resize", queue: "", priority: 0,
            createdAt: server.environment.now(), heartbeatTimeout: .seconds(30), hasSecrets: false)
        server.engine.workers.tasksChanged([.insert(TaskRow(head: ended, body: []))])
        let run = try await server.trigger(input: "1").execution
        try await server.complete(try await session.task())
        #expect(try await server.rest(run).status == .completed)
        #expect(server.engine.workers.counts == (0, 0, 1))
        await server.stop()
    }

    @Test(arguments: [1, 4])
    func `more tasks than memory holds are all done`(inMemory: Int) async throws {
        var limits = Limits()
        limits.workers.waitingInMemoryMax = inMemory
        let server = try await TestServer(limits: limits)
        try await server.put(Definitions.worked())
        var runs: [Execution] = []
        for number in 0..<20 {
            runs.append(
                try await server.trigger(input: "\(number)", priority: number == 19 ? 5 : 0)
                    .execution)
        }
        for run in runs { _ = try await server.until(run) { $0.nextWakeUp.contains("resize") } }
        let session = try server.connect()
        for _ in runs { try await server.complete(try await session.task()) }
        for run in runs { #expect(try await server.rest(run).status == .completed) }
        #expect(server.engine.workers.counts == (0, 0, 1))
        await server.stop()
    }

    @Test func `a server that stops ends its workers' streams`() async throws {
        let server = try await TestServer()
        let session = try server.connect()
        server.engine.workers.drain()
        let error = await #expect(throws: EngineError.self) { _ = try await session.next() }
        #expect(error?.reason == "DRAINING")
        #expect(throws: EngineError.self) { try server.connect() }
        await server.stop()
    }
}
