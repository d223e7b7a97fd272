import Messages
import Model
import Store
import Testing

@testable import Engine

/// Executions with bodies over a real store: readings, restarts, replays.
@Suite struct BodyExecutionTests {
    private static func body(_ node: String) -> String {
        #"""
        {"nodes":[{"id":"s","type":"start"},\#(node),{"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"x"},{"source":"x","target":"e"}]}
        """#
    }

    private static func loop(_ node: String, _ data: String = "") -> String {
        #"""
        {"nodes":[{"id":"s","type":"start"},{"id":"each","type":"foreach","data":{
        "items":"${ .input }"\#(data),"body":\#(body(node))}},{"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"each"},{"source":"each","target":"e"}]}
        """#
    }

    private static let ask = loop(#"{"id":"x","type":"ask","data":{"message":"${ .item }"}}"#)

    private func answer(_ server: TestServer, _ held: Execution, _ id: String, _ data: String)
        async throws
    {
        _ = try await server.engine.respond(
            ExecutionNumber(rawValue: held.number),
            InterruptResponse(interruptID: id, dataJSON: data, respondedBy: "test"), request: nil)
    }

    @Test func `a loop that waits for answers leaves memory and goes on after a restart`()
        async throws
    {
        let server = try await TestServer()
        let held = try await server.run(Self.ask, input: #"["a","b"]"#)
        #expect(held.status == .suspended)
        #expect(held.interrupts.map(\.id) == ["each[0].x#1", "each[1].x#1"])
        #expect(held.interrupts.map(\.message) == ["a", "b"])
        #expect(held.nextWakeUp.contains("'each[0].x#1'"))
        #expect(server.engine.load.resident == 0)
        try await answer(server, held, "each[1].x#1", "2")
        try await server.restart()
        try await answer(server, held, "each[0].x#1", "1")
        let ended = try await server.until(held) { $0.status.isOver }
        #expect(ended.outputJSON == "[1,2]")
        #expect(server.engine.invariantFaults() == [])
        await server.stop()
    }

    @Test func `the nodes of bodies are listed with their payloads, a page at a time`() async throws
    {
        let server = try await TestServer()
        let ended = try await server.run(
            Self.loop(#"{"id":"x","type":"set","data":{"value":"${ .index + 1 }"}}"#),
            input: #"["a","b","c"]"#)
        #expect(ended.outputJSON == "[1,2,3]")
        let number = ExecutionNumber(rawValue: ended.number)
        let row = try #require(
            await server.store.execution(.number(number), workspaceID: "default"))
        var found: [NodeExecution] = []
        var next: Int? = 0
        while let from = next {
            let page = try await server.engine.nodeExecutions(
                row, from: from, limit: 2, view: .full)
            #expect(page.nodeExecutions.count <= 2)
            found += page.nodeExecutions
            next = page.next
        }
        let inner = try #require(found.first { $0.nodePath == "each[1].x" })
        #expect(inner.inputJSON == #""b""#)
        #expect(inner.outputJSON == "2")
        #expect(inner.kind == "set")
        #expect(found.filter { $0.nodeID == "x" }.count == 3)
        let one = try await server.engine.nodeExecution(row, path: "each[2].e")
        #expect(one?.inputJSON == "3")
        #expect(ended.nodeExecutions.first { $0.nodePath == "each[1].x" } == inner)
        await server.stop()
    }

    @Test func `a replay takes over what a loop yielded, or runs it again`() async throws {
        let server = try await TestServer()
        let first = try await server.run(
            Self.loop(#"{"id":"x","type":"noop"}"#), input: "[1,2]")
        for (node, bodies) in [("e", 0), ("each", 2)] {
            let number = ExecutionNumber(rawValue: first.number)
            let row = try #require(
                await server.store.execution(.number(number), workspaceID: "default"))
            let again = try await server.rest(
                try await server.engine.replay(row, fromNodeID: node, by: "test", request: nil)
                    .execution)
            #expect(again.outputJSON == "[1,2]")
            let begun = try await server.events(again).filter {
                if case .bodyStarted = $0.kind { true } else { false }
            }
            #expect(begun.count == bodies)
        }
        await server.stop()
    }

    @Test func `waits in bodies fire after a restart`() async throws {
        let server = try await TestServer()
        try await server.put(
            Self.loop(#"{"id":"x","type":"wait","data":{"duration":"2h"}}"#))
        let triggered = try await server.trigger(input: "[1,2,3]")
        _ = try await server.until(triggered.execution) { $0.waitingUntil != nil }
        try await server.restart()
        server.environment.advance(by: .seconds(7_200))
        server.environment.advance(by: .seconds(60))
        let ended = try await server.until(triggered.execution) { $0.status.isOver }
        #expect(ended.outputJSON == "[1,2,3]")
        await server.stop()
    }

    @Test func `a write that fails in the middle of a loop repeats no result and loses none`()
        async throws
    {
        let server = try await TestServer()
        try await server.put(Self.loop(#"{"id":"x","type":"noop"}"#, #","concurrency":3"#))
        server.store.fail(percent: 30)
        let environment = server.environment
        let ticker = Task {
            while !Task.isCancelled {
                environment.advance(by: .milliseconds(100))
                await Task.yield()
            }
        }
        var triggered: Triggered?
        while triggered == nil {
            triggered = try? await server.trigger(
                input: "[" + (0..<40).map(String.init).joined(separator: ",") + "]")
        }
        let execution = try #require(triggered).execution
        let ended = try await server.until(execution) { $0.status.isOver }
        server.store.fail(percent: 0)
        ticker.cancel()
        await ticker.value
        #expect(ended.status == .completed)
        var ends: [Int32: Int] = [:]
        for event in try await server.events(execution) {
            if case .bodyEnded(let event) = event.kind { ends[event.index, default: 0] += 1 }
        }
        #expect(ends.count == 40)
        #expect(ends.values.allSatisfy { $0 == 1 })
        await server.stop()
    }
}
