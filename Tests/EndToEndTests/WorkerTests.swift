import Foundation
import Messages
import ProtobufRuntime
import RPC
import SignalboxClient
import Synchronization
import Testing

/// Workers of our own library against the real server, over TLS.
@Suite(.timeLimit(.minutes(2))) struct WorkerTests {
    private static let flow = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("examples/workers/workflow.json")

    private static func workerToken(_ client: SignalboxClient) async throws -> String {
        try await client.createToken(CreateTokenRequest(name: "hand", role: .worker)).secret
    }

    /// What the example in Python does.
    private static func greeter(_ client: SignalboxClient) -> Worker {
        Worker(client, id: "greeter") {
            WorkerKindHandler("greet") { task in
                #"{"text":"Hello, Ada","token":"\#(task.idempotencyToken)"}"#
            }
        }
    }

    @Test func `the example's worker serves its workflow beside another one`() async throws {
        let server = try await ServerProcess()
        let client = try await server.client()
        let token = try await Self.workerToken(client)
        let hands = try await server.client(token: token)
        let greeter = Self.greeter(hands)
        let running = Task { try await greeter.run() }
        let output = try Program.file(server.folder.appendingPathComponent("worker.log"))
        var environment = try server.environment
        environment["SIGNALBOX_TOKEN"] = token
        let shouter = try Program.start(
            [], of: "example-worker", in: server.folder, environment: environment,
            output: output, complaint: output)

        // The kind is known once its worker is there.
        var kinds: [String] = []
        while !kinds.contains("shout"), shouter.isRunning {
            kinds = try await client.listWorkerKinds(ListWorkerKindsRequest()).kinds.map(\.name)
        }
        _ = try await client.putWorkflow(
            PutWorkflowRequest(definitionJSON: try Program.read(Self.flow)))
        let answer = try await client.trigger(
            TriggerRequest(
                workflowID: "greet-and-shout", inputJSON: #"{"name":"Ada"}"#,
                wait: ProtobufDuration(seconds: 60)))
        let ended = try #require(answer.execution)
        #expect(ended.status == .completed)
        #expect(ended.outputJSON.contains("HELLO, ADA!!!"))
        var progress = 0
        for try await event in client.watch(WatchRequest(executionID: ended.id)) {
            if case .nodeProgressed = event.kind { progress += 1 }
        }
        #expect(progress == 1)
        let listed = try await server.run("worker", "list")
        #expect(listed.output.contains("greeter"))
        #expect(listed.output.contains("shout"))

        kill(shouter.identifier, SIGTERM)
        let status = await shouter.ended()
        let log = try Program.read(server.folder.appendingPathComponent("worker.log"))
        #expect(status == 0, "\(log)")
        greeter.stop()
        try await running.value
        await hands.close()
        await client.close()
    }

    @Test func `what a worker is at work on when the server is killed is done once`() async throws {
        let server = try await ServerProcess()
        let client = try await server.client()
        let hands = try await server.client(token: try await Self.workerToken(client))
        let (starts, start) = AsyncStream.makeStream(of: String.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let worker = Worker(hands, id: "one") {
            WorkerKindHandler("slow") { task in
                start.yield(task.task.taskID)
                for await _ in gate { break }
                return #"{"attempt":\#(task.task.attempt)}"#
            }
        }
        let running = Task { try await worker.run() }
        _ = try await client.putWorkflow(
            PutWorkflowRequest(definitionJSON: Self.slow, allowUnregistered: true))
        let made = try #require(
            try await client.trigger(TriggerRequest(workflowID: "slow")).execution)
        var begun = starts.makeAsyncIterator()
        let first = await begun.next()
        _ = try await server.end(SIGKILL)
        try await server.start()
        open.yield()
        var kinds: [String] = []
        for try await event in client.watch(WatchRequest(executionID: made.id)) {
            switch event.kind {
            case .nodeCompleted(let done) where done.nodeID == "job":
                kinds.append("\(done.attempt) \(done.outputJSON)")
            case .nodeInterrupted: kinds.append("interrupted")
            default: break
            }
        }
        #expect(first != nil)
        #expect(kinds == [#"1 {"attempt":1}"#])
        worker.stop()
        try await running.value
        start.finish()
        #expect(await begun.next() == nil)
        await hands.close()
        await client.close()
    }

    @Test func `a worker's token is good for nothing else, and no other is good for work`()
        async throws
    {
        let server = try await ServerProcess()
        let client = try await server.client()
        let hands = try await server.client(token: try await Self.workerToken(client))
        let denied = await #expect(throws: RPCError.self) {
            _ = try await hands.listExecutions(ListExecutionsRequest())
        }
        #expect(denied?.reason == "ROLE_INSUFFICIENT")
        let refused = await #expect(throws: RPCError.self) {
            try await Self.greeter(client).run()
        }
        #expect(refused?.reason == "ROLE_INSUFFICIENT")
        await hands.close()
        await client.close()
    }

    @Test func `a worker's failure says what it is, and a cancel ends what is at work`()
        async throws
    {
        let server = try await ServerProcess()
        let client = try await server.client()
        let hands = try await server.client(token: try await Self.workerToken(client))
        let (news, tell) = AsyncStream.makeStream(of: String.self)
        let worker = Worker(hands) {
            WorkerKindHandler("slow") { task in
                guard task.inputJSON == "null" else {
                    throw WorkerFailure(
                        "NO_MONEY", "none left", detailsJSON: "[0]", isRetryable: false)
                }
                tell.yield("begun")
                do {
                    try await Task.sleep(for: .seconds(3_600))
                } catch {
                    tell.yield("\(type(of: error))")
                    throw error
                }
                return ""
            }
        }
        let running = Task { try await worker.run() }
        _ = try await client.putWorkflow(
            PutWorkflowRequest(definitionJSON: Self.slow, allowUnregistered: true))
        let failed = try #require(
            try await client.trigger(
                TriggerRequest(
                    workflowID: "slow", inputJSON: "1", wait: ProtobufDuration(seconds: 60))
            ).execution)
        #expect(failed.error?.code == "NO_MONEY")
        #expect(failed.error?.message == "none left")
        let made = try #require(
            try await client.trigger(
                TriggerRequest(workflowID: "slow", inputJSON: "null")
            ).execution)
        var heard = news.makeAsyncIterator()
        #expect(await heard.next() == "begun")
        _ = try await client.cancel(CancelExecutionRequest(executionID: made.id))
        #expect(await heard.next() == "CancellationError")
        worker.stop()
        try await running.value
        await hands.close()
        await client.close()
    }

    @Test func `queues are limited from the command line`() async throws {
        let server = try await ServerProcess()
        let made = try await server.run(
            "worker", "limit-queue", "gpu", "--concurrency", "2", "--per-minute", "60")
        #expect(made.status == 0)
        let listed = try await server.run("worker", "queues")
        #expect(listed.output.contains("gpu"))
        #expect(try await server.run("worker", "unlimit-queue", "gpu").status == 0)
        #expect(try await server.run("worker", "unlimit-queue", "gpu").status == 66)
        #expect(try await server.run("worker", "kinds").status == 0)
        #expect(try await server.run("worker", "delete-kind", "none").status == 66)
    }

    private static let slow = #"""
        {"id":"slow","nodes":[{"id":"start","type":"start"},{"id":"job","type":"slow"},
        {"id":"end","type":"end"}],
        "edges":[{"source":"start","target":"job"},{"source":"job","target":"end"}]}
        """#
}
