import Engine
import Messages
import Model
import Store
import Testing

@Suite struct EngineTests {
    @Test func `three durable steps run to the end`() async throws {
        let server = try await TestServer()
        let execution = try await server.run(Definitions.steps(3), input: #"{"a":1.10}"#)
        #expect(execution.status == .completed)
        #expect(execution.outputJSON == #"{"a":1.10}"#)
        #expect(execution.nodeExecutions.map(\.nodeID) == ["start", "n1", "n2", "n3", "end"])
        #expect(execution.nodeExecutions.allSatisfy { $0.status == .completed })
        let events = try await server.events(execution)
        #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
        #expect(execution.lastSequence == Int64(events.count))
        await server.stop()
    }

    @Test func `an approval suspends, an answer completes`() async throws {
        let server = try await TestServer()
        let held = try await server.run(Definitions.approval)
        #expect(held.status == .suspended)
        #expect(held.reason == .approval)
        #expect(held.interrupts.map(\.id) == ["ok#1"])
        #expect(held.nextWakeUp.contains("ok#1"))
        let number = ExecutionNumber(rawValue: held.number)
        let answered = try await server.engine.respond(
            number, InterruptResponse(decision: .approve, respondedBy: "token:a"), request: nil)
        let ended = try await server.rest(answered)
        #expect(ended.status == .completed)
        await server.stop()
    }

    @Test func `what one commit adds is no larger than a message, whatever it adds up to`()
        async throws
    {
        let server = try await TestServer()
        let text = "\"\(String(repeating: "x", count: 1_000_000))\""
        let execution = try await server.run(Definitions.copies(12), input: text)
        #expect(execution.status == .completed)
        let number = ExecutionNumber(rawValue: execution.number)
        let rows = try await server.store.journal(number, after: 0, byteLimit: 64 << 20)
        #expect(rows.allSatisfy { $0.batch.count <= 2 << 20 })
        #expect(rows.map(\.endsExecution).filter { $0 } == [true])
        let events = try await server.events(execution)
        #expect(events.map(\.sequence) == Array(1...execution.lastSequence))
        try await server.restart()
        #expect(try await server.get(execution) == execution)
        await server.stop()
    }
}

/// Definitions that tests share.
enum Definitions {
    static func steps(_ count: Int) -> String {
        let ids = (1...count).map { "n\($0)" }
        let nodes = ids.map { #"{"id":"\#($0)","type":"noop"}"# }
        let path = ["start"] + ids + ["end"]
        let edges = zip(path, path.dropFirst()).map { #"{"source":"\#($0)","target":"\#($1)"}"# }
        return #"""
            {"nodes":[{"id":"start","type":"start"},\#(nodes.joined(separator: ",")),
            {"id":"end","type":"end"}],"edges":[\#(edges.joined(separator: ","))]}
            """#
    }

    /// Nodes that run in memory, each with a copy of the input for its output.
    static func copies(_ count: Int) -> String {
        let ids = (1...count).map { "n\($0)" }
        let nodes = ids.map {
            #"{"id":"\#($0)","type":"set","data":{"value":"${ .nodes.start.output }"}}"#
        }
        let path = ["start"] + ids + ["end"]
        let edges = zip(path, path.dropFirst()).map { #"{"source":"\#($0)","target":"\#($1)"}"# }
        return #"""
            {"nodes":[{"id":"start","type":"start"},\#(nodes.joined(separator: ",")),
            {"id":"end","type":"end"}],"edges":[\#(edges.joined(separator: ","))]}
            """#
    }

    static let approval = #"""
        {"nodes":[{"id":"start","type":"start"},
        {"id":"ok","type":"approval","data":{"message":"go?"}},
        {"id":"end","type":"end"}],
        "edges":[{"source":"start","target":"ok"},{"source":"ok","target":"end"}]}
        """#
}
