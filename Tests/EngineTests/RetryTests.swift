import Engine
import Messages
import Model
import Store
import Testing

struct RetryTests {
    /// Two branches: one waits for an approval behind `a`, the other fails unless its input says not to.
    private static func branches(_ failing: String = #"{"message":"no"}"#, kind: String = "fail")
        -> String
    {
        #"""
        {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"set","data":{"value":{"a":1}}},
        {"id":"ask","type":"approval","data":{"message":"go?"}},
        {"id":"b","type":"noop"},{"id":"f","type":"\#(kind)","data":\#(failing)},
        {"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"a"},{"source":"a","target":"ask"},
        {"source":"ask","sourceHandle":"approved","target":"e"},
        {"source":"s","target":"b"},{"source":"b","target":"f"},{"source":"f","target":"e"}]}
        """#
    }

    private func row(_ server: TestServer, _ execution: Execution) async throws -> ExecutionRow {
        try #require(
            await server.store.execution(
                .number(ExecutionNumber(rawValue: execution.number)), workspaceID: nil))
    }

    private func reason(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return ""
        } catch {
            return (error as? EngineError)?.reason ?? "\(error)"
        }
    }

    @Test func `a retry takes over what completed and runs every other node, with a fixed version`()
        async throws
    {
        let server = try await TestServer()
        let failed = try await server.run(Self.branches(), input: "[1]")
        #expect(failed.status == .failed)
        let row = try await row(server, failed)

        let again = try await server.engine.retry(
            row, usesCurrentVersion: false, by: "token:a", request: nil)
        let failedAgain = try await server.rest(again.execution)
        #expect(failedAgain.status == .failed)
        #expect(failedAgain.trigger == .retry)
        #expect(failedAgain.sourceID == failed.id)
        #expect(failedAgain.sourceNumber == failed.number)
        #expect(failedAgain.workflowVersion == 1)
        #expect(failedAgain.nodeExecutions.filter(\.reused).map(\.nodeID) == ["s", "b", "a"])

        try await server.put(Self.branches(#"{"value":{"fixed":true}}"#, kind: "set"))
        let misfit = await reason {
            _ = try await server.engine.retry(
                row, usesCurrentVersion: true, by: "token:a", request: nil)
        }
        #expect(misfit == "NODES_MISSING")
        await server.stop()
    }

    @Test func `a retry with the current version goes on in it`() async throws {
        let server = try await TestServer()
        let definition = { (path: String) in
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"n","type":"noop"},
            {"id":"v","type":"set","data":{"value":"${\#(path)}"}},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"n"},{"source":"n","target":"v"},
            {"source":"v","target":"e"}]}
            """#
        }
        let failed = try await server.run(definition(".input | error"), input: #"{"x":7}"#)
        #expect(failed.status == .failed)
        try await server.put(definition(".input.x"))
        let row = try await row(server, failed)
        let retried = try await server.rest(
            try await server.engine.retry(
                row, usesCurrentVersion: true, by: "token:a", request: nil
            ).execution)
        #expect(retried.status == .completed)
        #expect(retried.workflowVersion == 2)
        #expect(retried.outputJSON == "7")
        #expect(retried.nodeExecutions.filter(\.reused).map(\.nodeID) == ["s", "n"])
        let links = try await server.store.retries(of: [failed.id], workspaceID: "default")
        let link = ExecutionLink(id: retried.id, number: retried.number)
        #expect(links[failed.id] == RetryLinks(newest: link, completed: link))
        await server.stop()
    }

    @Test func `what is missing in the current version is listed`() async throws {
        let server = try await TestServer()
        let failed = try await server.run(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"gone","type":"fail","data":{}},
            {"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"gone"},{"source":"gone","target":"e"}]}
            """#)
        try await server.put(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"e"}]}
            """#)
        let row = try await row(server, failed)
        await #expect {
            _ = try await server.engine.retry(row, usesCurrentVersion: true, by: "a", request: nil)
        } throws: {
            guard let error = $0 as? EngineError else { return false }
            return error.reason == "NODES_MISSING" && error.metadata["node_ids"] == "gone"
        }
        await server.stop()
    }

    @Test func `a rejected or cancelled approval is asked again`() async throws {
        let server = try await TestServer()
        let waiting = try await server.run(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"ask","type":"approval",
            "data":{"message":"go?"}},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"ask"},
            {"source":"ask","sourceHandle":"approved","target":"e"}]}
            """#)
        _ = try await server.engine.respond(
            ExecutionNumber(rawValue: waiting.number),
            InterruptResponse(decision: .reject, respondedBy: "user:x"), request: nil)
        let rejected = try await row(server, waiting)
        #expect(rejected.execution.reason == .rejected)
        let again = try await server.rest(
            try await server.engine.retry(
                rejected, usesCurrentVersion: false, by: "a", request: nil
            ).execution)
        #expect(again.status == .suspended)
        let cancelled = try await server.engine.cancel(
            ExecutionNumber(rawValue: again.number), by: "a", reason: "", request: nil)
        let third = try await server.rest(
            try await server.engine.retry(
                try await row(server, cancelled), usesCurrentVersion: false, by: "a", request: nil
            ).execution)
        #expect(third.status == .suspended)
        let completed = try await server.engine.respond(
            ExecutionNumber(rawValue: third.number),
            InterruptResponse(decision: .approve, respondedBy: "user:x"), request: nil)
        #expect(completed.status == .completed)
        await server.stop()
    }

    @Test func `only what failed or was cancelled after its start is retried`() async throws {
        let server = try await TestServer()
        func reasonOfRetry(_ execution: Execution) async throws -> String {
            let row = try await row(server, execution)
            return await reason {
                _ = try await server.engine.retry(
                    row, usesCurrentVersion: false, by: "a", request: nil)
            }
        }
        let completed = try await server.run(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"e"}]}
            """#)
        #expect(try await reasonOfRetry(completed) == "EXECUTION_COMPLETED")
        try await server.put(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"w","type":"wait","data":{"duration":"1h"}},
            {"id":"e","type":"end"}],"edges":[{"source":"s","target":"w"},
            {"source":"w","target":"e"}]}
            """#)
        let running = try await server.trigger().execution
        #expect(try await reasonOfRetry(running) == "EXECUTION_NOT_FINAL")
        await server.stop()
    }

    @Test func `what is queued, or ended before it started, is not retried`() async throws {
        var limits = Limits()
        limits.runningPerWorkspaceMax = 0
        let server = try await TestServer(limits: limits)
        try await server.put(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"e"}]}
            """#)
        let queued = try await server.trigger().execution
        #expect(queued.status == .queued)
        let stored = try await row(server, queued)
        let whenQueued = await reason {
            _ = try await server.engine.retry(
                stored, usesCurrentVersion: false, by: "a", request: nil)
        }
        #expect(whenQueued == "EXECUTION_QUEUED")
        _ = try await server.engine.cancel(
            ExecutionNumber(rawValue: queued.number), by: "a", reason: "", request: nil)
        let cancelled = try await row(server, queued)
        let whenCancelled = await reason {
            _ = try await server.engine.retry(
                cancelled, usesCurrentVersion: false, by: "a", request: nil)
        }
        #expect(whenCancelled == "EXECUTION_NOT_STARTED")
        await server.stop()
    }

    @Test func `a replay takes another input, and other results before its node`() async throws {
        let server = try await TestServer()
        let first = try await server.run(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"n","type":"noop"},
            {"id":"v","type":"set","data":{"value":{"got":"${.input.x}"}}},
            {"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"n"},{"source":"n","target":"v"},
            {"source":"v","target":"e"}]}
            """#, input: #"{"x":1}"#)
        #expect(first.outputJSON == #"{"got":1}"#)
        let row = try await row(server, first)
        let edited = try await server.rest(
            try await server.engine.replay(
                row, ReplayPlan(inputJSON: #"{"x":2}"#), by: "a", request: nil
            ).execution)
        #expect(edited.inputJSON == #"{"x":2}"#)
        #expect(edited.outputJSON == #"{"got":2}"#)

        let plan = ReplayPlan(
            fromNodeID: "v", outputs: [NodeOutput(nodeID: "n", outputJSON: #"{"x":3}"#)])
        let other = try await server.rest(
            try await server.engine.replay(row, plan, by: "a", request: nil).execution)
        #expect(other.outputJSON == #"{"got":3}"#)
        #expect(other.nodeExecutions.filter(\.edited).map(\.nodeID) == ["n"])
        let notTaken = await reason {
            let plan = ReplayPlan(
                fromNodeID: "v", outputs: [NodeOutput(nodeID: "v", outputJSON: "1")])
            _ = try await server.engine.replay(row, plan, by: "a", request: nil)
        }
        #expect(notTaken == "NODE_NOT_TAKEN")
        await server.stop()
    }

    @Test func `no edited output takes the place of what people decided, also within a body`()
        async throws
    {
        let approval = #"{"id":"ok","type":"approval"}"#
        let body =
            #"{"nodes":[{"id":"i","type":"start"},{"id":"ok","type":"approval"}],"#
            + #""edges":[{"source":"i","target":"ok"}]}"#
        let nested =
            #"{"id":"ok","type":"try","data":{"body":\#(body),"finally":"#
            + #"{"nodes":[{"id":"i","type":"start"}],"edges":[]}}}"#
        for node in [approval, nested] {
            let server = try await TestServer()
            let held = try await server.run(
                #"""
                {"nodes":[{"id":"s","type":"start"},{"id":"price","type":"set","data":{"value":1}},
                \#(node),{"id":"charge","type":"noop"},{"id":"e","type":"end"}],
                "edges":[{"source":"s","target":"price"},{"source":"price","target":"ok"},
                {"source":"ok","target":"charge"},{"source":"charge","target":"e"}]}
                """#)
            #expect(held.status == .suspended)
            _ = try await server.engine.respond(
                ExecutionNumber(rawValue: held.number),
                InterruptResponse(decision: .approve, respondedBy: "token:boss"), request: nil)
            let done = try await server.rest(held)
            #expect(done.status == .completed)
            let row = try await row(server, done)
            let forged = await reason {
                let plan = ReplayPlan(
                    fromNodeID: "charge",
                    outputs: [
                        NodeOutput(
                            nodeID: "ok",
                            outputJSON: #"{"decision":"approved","respondedBy":"token:ceo"}"#)
                    ])
                _ = try await server.engine.replay(row, plan, by: "token:op", request: nil)
            }
            #expect(forged == "DECISION_NOT_EDITABLE")
            // What is upstream of it may be: the decision is kept, and the edit recorded.
            let plan = ReplayPlan(
                fromNodeID: "charge", outputs: [NodeOutput(nodeID: "price", outputJSON: "2")])
            let edited = try await server.rest(
                try await server.engine.replay(row, plan, by: "token:op", request: nil).execution)
            #expect(edited.status == .completed)
            #expect(edited.triggeredBy == "token:op")
            #expect(edited.nodeExecutions.filter(\.edited).map(\.nodeID) == ["price"])
            #expect(edited.outputJSON == done.outputJSON)
            await server.stop()
        }
    }
}
