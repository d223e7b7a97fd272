import Messages
import Model
import Store
import Testing

@testable import Engine

/// What is read of a journal, and what is not.
@Suite struct ReadingTests {
    @Test func `what is told of one that went on since its row was read is of one moment`()
        async throws
    {
        let server = try await TestServer()
        try await server.put(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"w","type":"wait","data":{"duration":"1h"}},
            {"id":"a","type":"ask"},{"id":"e","type":"end"}],"edges":[{"source":"s","target":"w"},
            {"source":"w","target":"a"},{"source":"a","target":"e"}]}
            """#)
        let begun = try await server.trigger()
        let number = ExecutionNumber(rawValue: begun.execution.number)
        _ = try await server.until(begun.execution) { $0.waitingUntil != nil }
        func row() async throws -> ExecutionRow {
            try #require(await server.store.execution(.number(number), workspaceID: nil))
        }
        let running = try await row()
        server.environment.advance(by: .seconds(3_600))
        _ = try await server.until(begun.execution) { $0.status == .suspended }
        let suspended = try await row()
        for view in [ExecutionView.basic, .full] {
            let shown = try await server.engine.execution(running, view: view)
            // Who watched after the number with an older status would wait for what has been.
            #expect(shown.status == .suspended)
            #expect(shown.interrupts.count == 1)
            #expect(shown.lastSequence == suspended.execution.lastSequence)
        }
        _ = try await server.engine.respond(
            number, InterruptResponse(dataJSON: "7", respondedBy: "test"), request: nil)
        _ = try await server.until(begun.execution) { $0.status == .completed }
        let ended = try await server.engine.execution(running, view: .full)
        #expect(ended.outputJSON == "7")
        let answered = try await server.engine.execution(suspended, view: .full)
        #expect(answered == ended)
        await server.stop()
    }

    @Test func `what is asked for without payloads reads none of them from the store`()
        async throws
    {
        let server = try await TestServer()
        let long = String(repeating: "long ", count: 4_000)
        let ended = try await server.run(
            #"""
            {"nodes":[{"id":"s","type":"start"},
            {"id":"each","type":"foreach","data":{"items":["\#(long)",2],"body":{
            "nodes":[{"id":"s","type":"start"},{"id":"big","type":"if","data":{"condition":
            "${ .index == 0 }"}},{"id":"x","type":"set","data":{"value":"\#(long)"}},
            {"id":"e","type":"end"}],"edges":[{"source":"s","target":"big"},
            {"source":"big","sourceHandle":"true","target":"x"},
            {"source":"big","sourceHandle":"false","target":"e"},{"source":"x","target":"e"}]}}},
            {"id":"f","type":"fail","data":{"code":"NO","message":"\#(long)"}}],
            "edges":[{"source":"s","target":"each"},{"source":"each","target":"f"}]}
            """#, input: #""\#(long)""#)
        #expect(ended.status == .failed)
        let number = ExecutionNumber(rawValue: ended.number)
        let row = try #require(await server.store.execution(.number(number), workspaceID: nil))
        let before = server.store.payloadReads
        let basic = try await server.engine.nodeExecutions(
            row, from: 0, limit: 100, view: .basic
        ).nodeExecutions
        let shown = try await server.engine.execution(row, view: .basic)
        #expect(try await server.engine.currentNodeID(number) == "f")
        var sequences: [Int64] = []
        for try await row in server.feed.watch(number, after: 0, payloads: false) {
            sequences.append(row.lastSequence)
        }
        #expect(server.store.payloadReads == before)
        // They say the same as what is read whole, which is noticed.
        let full = try await server.engine.nodeExecutions(row, from: 0, limit: 100, view: .full)
            .nodeExecutions
        #expect(server.store.payloadReads > before)
        #expect(basic == full.map(\.basic))
        #expect(basic.contains { $0.nodePath == "each[1].x" && $0.status == .skipped })
        #expect(basic.allSatisfy { !$0.kind.isEmpty })
        #expect(shown.error?.message == ended.error?.message)
        #expect(sequences.last == ended.lastSequence)
        await server.stop()
    }
}
