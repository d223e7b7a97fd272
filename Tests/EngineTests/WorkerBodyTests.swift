import Engine
import Messages
import Model
import Store
import Testing

/// Nodes that workers run within bodies: of a loop, of a `try`.
@Suite(.timeLimit(.minutes(2))) struct WorkerBodyTests {
    /// start → node → end.
    private static func graph(_ id: String, _ type: String, _ data: String) -> String {
        #"""
        {"nodes":[{"id":"start","type":"start"},{"id":"\#(id)","type":"\#(type)","data":\#(data)},
        {"id":"end","type":"end"}],
        "edges":[{"source":"start","target":"\#(id)"},{"source":"\#(id)","target":"end"}]}
        """#
    }

    /// A loop over the input whose body is a worker's node.
    private static func loop(_ type: String, _ data: String = "{}", settings: String = "")
        -> String
    {
        graph(
            "each", "foreach",
            #"{"items":"${ .input }","concurrency":8\#(settings),"#
                + #""body":\#(graph("job", type, data))}"#)
    }

    @Test func `items of a loop are tasks of their own, as are those of loops within`() async throws
    {
        let server = try await TestServer()
        let inner = Self.graph(
            "inner", "foreach",
            #"{"items":"${ .item }","concurrency":8,"body":\#(Self.graph("job", "resize", "{}"))}"#)
        try await server.put(
            Self.graph(
                "each", "foreach",
                #"{"items":"${ .input }","concurrency":8,"body":\#(inner)}"#))
        let run = try await server.trigger(input: "[[1,2],[3,4]]").execution
        let session = try server.connect(concurrency: 8)
        var tasks: [WorkerTask] = []
        for _ in 0..<4 { tasks.append(try await session.task()) }
        #expect(Set(tasks.map(\.taskID)).count == 4)
        #expect(Set(tasks.map(\.idempotencyToken)).count == 4)
        #expect(tasks.map(\.inputJSON).sorted() == ["1", "2", "3", "4"])
        #expect(server.engine.workers.counts.running == 4)
        // Each ends its own, in whatever order.
        for task in tasks.reversed() { try await server.complete(task, "\(task.inputJSON)0") }
        #expect(try await server.rest(run).outputJSON == "[[10,20],[30,40]]")
        await server.stop()
    }

    @Test func `a loop that is tried again makes tasks that earlier ones cannot end`() async throws
    {
        let server = try await TestServer()
        try await server.put(
            Self.loop("resize", settings: #","retry":{"attempts":2,"delay":"1s"}"#))
        let run = try await server.trigger(input: "[1,2]").execution
        let session = try server.connect(concurrency: 8)
        let first = [try await session.task(), try await session.task()]
        // One fails, which ends the loop's attempt and takes the other one's task away.
        try await server.fail(first[0], isRetryable: false)
        #expect(try await session.cancellation().taskID == first[1].taskID)
        _ = try await server.until(run) { $0.waitingUntil != nil }
        server.environment.advance(by: .seconds(2))
        let second = [try await session.task(), try await session.task()]
        #expect(Set((first + second).map(\.taskID)).count == 4)
        for task in first {
            let error = await #expect(throws: EngineError.self) {
                try await server.complete(task, "0")
            }
            #expect(error?.reason == "TASK_OVER")
        }
        for task in second { try await server.complete(task) }
        #expect(try await server.rest(run).outputJSON == "[1,2]")
        await server.stop()
    }

    @Test func `a worker's error is caught by its code, and finally runs on a worker`() async throws
    {
        let server = try await TestServer()
        let session = try server.connect(kinds: ["resize", "tidy"])
        try await server.put(
            Self.graph(
                "guard", "try",
                #"""
                {"body":\#(Self.graph("job", "resize", "{}")),
                "catch":[{"on":["TOO_LARGE"],"body":\#(Self.graph("small", "resize", "{}"))}],
                "finally":\#(Self.graph("after", "tidy", "{}"))}
                """#))
        let run = try await server.trigger(input: "1").execution
        try await server.fail(try await session.task(), "TOO_LARGE", isRetryable: false)
        let second = try await session.task()
        #expect(second.nodePath.hasSuffix("small"))
        #expect(second.inputJSON.contains("TOO_LARGE"))
        try await server.complete(second, "7")
        let last = try await session.task()
        #expect(last.kind == "tidy")
        try await server.complete(last)
        #expect(try await server.rest(run).outputJSON == "7")
        await server.stop()
    }

    @Test func `a kind within a body is to be registered, and its data to fit`() async throws {
        let server = try await TestServer()
        func faults(_ definition: String) async -> [String] {
            await server.engine.validate(
                definition, allowUnregistered: false, workspaceID: "default"
            ).map { "\($0.code) \($0.nodeID)" }
        }
        let clause = Self.graph(
            "guard", "try",
            #"""
            {"body":\#(Self.graph("one", "noop", "{}")),
            "catch":[{"body":\#(Self.graph("two", "resize", #"{"width":1}"#))}],
            "finally":\#(Self.loop("resize", #"{"width":1}"#))}
            """#)
        #expect(
            await faults(Self.loop("resize", #"{"width":1}"#)) == ["UNKNOWN_KIND each[].job"])
        #expect(
            Set(await faults(clause)) == [
                "UNKNOWN_KIND guard.catch[0].two", "UNKNOWN_KIND guard.finally.each[].job",
            ])
        try await server.register(
            "resize", schema: #"{"properties":{"width":{"type":"integer"}},"required":["width"]}"#)
        #expect(await faults(Self.loop("resize", #"{"width":1}"#)) == [])
        #expect(await faults(clause) == [])
        #expect(await faults(Self.loop("resize", "{}")) == ["BAD_VALUE each[].job"])

        // What expressions make of it is checked for each item when its task is handed out.
        try await server.put(
            Self.loop("resize", #"{"width":"${ .item }"}"#, settings: #","onItemError":"collect""#))
        let run = try await server.trigger(input: #"[4,"x"]"#).execution
        let session = try server.connect(concurrency: 8)
        let task = try await session.task()
        #expect(task.dataJSON == #"{"width":4}"#)
        let reading = Task { try await session.next() }
        try await server.complete(task, #""ok""#)
        let ended = try await server.rest(run)
        reading.cancel()
        #expect(ended.outputJSON.contains("DATA_INVALID"))
        #expect(ended.outputJSON.contains(#""ok""#))
        await server.stop()
    }

    @Test func `a kind that nobody registered waits for a worker, and one that comes is enough`()
        async throws
    {
        let server = try await TestServer()
        try await server.put(Self.loop("nobody-yet"))
        let run = try await server.trigger(input: "[1]").execution
        let waiting = try await server.until(run) { $0.nextWakeUp.contains("nobody-yet") }
        #expect(waiting.status == .running)
        try await server.restart()
        let after = try await server.get(run)
        #expect(after.status == .running)
        #expect(after.nextWakeUp.contains("no worker that serves it is connected"))
        let session = try server.connect(kinds: ["nobody-yet"])
        server.environment.advance(by: .seconds(6))
        try await server.complete(try await session.task())
        #expect(try await server.rest(run).outputJSON == "[1]")
        await server.stop()
    }
}
