import Engine
import Messages
import Model
import SQLiteStore
import Store
import Testing

/// Breakpoints, pauses and trace logs through the engine, over restarts.
@Suite struct ControlTests {
    private static func control(
        _ server: TestServer, _ execution: Execution, _ action: ControlCommand.Action
    ) async throws -> Execution {
        try await server.engine.control(
            ExecutionNumber(rawValue: execution.number), ControlCommand(action, by: "ada"),
            request: nil)
    }

    private static func trigger(
        _ server: TestServer, _ definition: String, _ breakpoints: Breakpoints?,
        traceLogs: Bool = false
    ) async throws -> Execution {
        try await server.put(definition)
        let triggered = try await server.engine.trigger(
            NewExecution(
                workspaceID: "default", workflowID: "flow", inputJSON: "[1]", triggeredBy: "test",
                breakpoints: breakpoints, traceLogs: traceLogs))
        return try await server.rest(triggered.execution)
    }

    @Test func `a breakpoint survives a restart, out of memory, and is continued`() async throws {
        let server = try await TestServer()
        var held = try await Self.trigger(
            server, Definitions.steps(2), Breakpoints(enabled: true, at: .both, nodes: .all))
        var places: [String] = []
        while held.status == .suspended {
            #expect(held.reason == .breakpoint)
            places.append(held.interrupts.map(\.id).joined())
            try await server.restart()
            #expect(server.engine.load.resident == 0)
            let now = try await Self.control(
                server, held, .pauseControl(.continue, interruptID: nil))
            held = try await server.rest(now)
        }
        #expect(held.status == .completed)
        #expect(held.outputJSON == "[1]")
        #expect(
            places == [
                "start#1", "start#2", "n1#1", "n1#2", "n2#1", "n2#2", "end#1", "end#2",
            ])
        let events = try await server.events(held)
        #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
        await server.stop()
    }

    @Test func `a node held behind its end shows its result, and the execution what it waits for`()
        async throws
    {
        let server = try await TestServer()
        let held = try await Self.trigger(
            server, Definitions.steps(1), Breakpoints(enabled: true, at: .post, nodes: .all))
        #expect(held.pausedNodeID == "start")
        #expect(held.currentNodeID == "start")
        #expect(held.pauseReason == .breakpoint)
        #expect(held.nextWakeUp.contains("a continue of 'start#1'"))
        #expect(held.nodeExecutions.first?.status == .completed)
        #expect(held.nodeExecutions.first?.outputJSON == "[1]")
        await server.stop()
    }

    @Test func `a pause survives a restart, and a replay takes over what a breakpoint held`()
        async throws
    {
        let server = try await TestServer()
        try await server.put(Definitions.wait("1h"))
        let waiting = try await server.trigger().execution
        let paused = try await Self.control(server, waiting, .pause)
        #expect(paused.status == .suspended)
        #expect(paused.reason == .pause)
        try await server.restart()
        #expect(try await server.get(paused).reason == .pause)
        server.environment.advance(by: .seconds(3_700))
        let over = try await server.until(paused) {
            $0.nodeExecutions.contains { $0.kind == "wait" && $0.status == .completed }
        }
        #expect(over.reason == .pause)
        let resumed = try await Self.control(server, over, .resume)
        #expect(try await server.rest(resumed).status == .completed)
        await server.stop()
    }

    @Test func `trace logs tell what nodes got and gave while they are on, and only then`()
        async throws
    {
        let server = try await TestServer()
        let held = try await Self.trigger(
            server, Definitions.steps(3), Breakpoints(enabled: true, at: .pre, nodes: .all))
        let go = ControlCommand.Action.pauseControl(.continue, interruptID: nil)
        _ = try await Self.control(server, held, go)
        _ = try await server.rest(held)
        let traced = try await Self.control(server, held, .traceLogs(true))
        #expect(traced.traceLogs)
        try await server.restart()
        // The start is over; n1 and n2 are traced, n3 is not.
        for _ in 1...2 {
            _ = try await Self.control(server, held, go)
            _ = try await server.rest(held)
        }
        _ = try await Self.control(server, held, .traceLogs(false))
        let ended = try await Self.control(
            server, held, .pauseControl(.continueWithoutBreakpoint, interruptID: nil))
        #expect(try await server.rest(ended).status == .completed)
        let row = try #require(
            await server.store.execution(
                .number(ExecutionNumber(rawValue: held.number)), workspaceID: nil))
        let page = try await server.engine.logs(row, after: 0, limit: 1_000, level: .unspecified)
        let got = page.entries.filter { $0.message.hasPrefix("got ") }
        let gave = page.entries.filter { $0.message.hasPrefix("gave ") }
        #expect(got.map(\.nodeID) == ["n1", "n2"])
        #expect(gave.map(\.nodeID) == ["n1", "n2"])
        #expect(Set((got.map(\.inputJSON) + gave.map(\.outputJSON))) == ["[1]"])
        #expect((got + gave).allSatisfy { $0.level == .debug })
        let info = try await server.engine.logs(row, after: 0, limit: 1_000, level: .info)
        #expect(!info.entries.contains { !$0.inputJSON.isEmpty || !$0.outputJSON.isEmpty })
        // A page of one line each still reaches the end, and loses none.
        var after: Int64 = 0
        var lines: [LogEntry] = []
        while true {
            let one = try await server.engine.logs(row, after: after, limit: 1, level: .unspecified)
            lines += one.entries
            guard let next = one.next else { break }
            after = next
        }
        #expect(lines == page.entries)
        await server.stop()
    }

    @Test func `of a pause, a continue, a cancel and a stop at once each is taken or told why not`()
        async throws
    {
        let server = try await TestServer()
        for _ in 0..<10 {
            let held = try await Self.trigger(
                server, Definitions.steps(1), Breakpoints(enabled: true, at: .pre, nodes: .marked))
            let one = try await Self.trigger(
                server, Definitions.approval, Breakpoints(enabled: true, at: .pre, nodes: .all))
            #expect(held.status == .completed)
            let number = ExecutionNumber(rawValue: one.number)
            let engine = server.engine
            let reasons = await withTaskGroup(of: String.self) { group in
                let actions: [ControlCommand.Action] = [
                    .pauseControl(.continue, interruptID: "start#1"),
                    .pauseControl(.continue, interruptID: "start#1"), .pause, .resume,
                    .pauseControl(.stop, interruptID: nil),
                ]
                for action in actions {
                    group.addTask {
                        do throws(EngineError) {
                            _ = try await engine.control(
                                number, ControlCommand(action, by: "a"), request: nil)
                            return "taken"
                        } catch {
                            return error.reason
                        }
                    }
                }
                return await group.reduce(into: [String]()) { $0.append($1) }
            }
            let known: Set = [
                "taken", "INTERRUPT_CLOSED", "NOT_PAUSED", "EXECUTION_FINAL",
            ]
            #expect(Set(reasons).isSubset(of: known), "\(reasons)")
            let events = try await server.events(one)
            #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
            #expect(server.engine.invariantFaults() == [])
        }
        await server.stop()
    }
}
