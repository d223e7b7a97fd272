import Messages
import Model
import Store
import Testing

@testable import Engine

/// Child executions over a real store: what they yield, how they end with their parent, what a crash
/// leaves of them.
@Suite struct ChildTests {
    /// start → call (a child of `child`) → end.
    static func parent(_ data: String = "", child: String = "child") -> String {
        #"""
        {"nodes":[{"id":"s","type":"start"},
        {"id":"call","type":"workflow","data":{"workflowId":"\#(child)"\#(data)}},
        {"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"call"},{"source":"call","target":"e"}]}
        """#
    }

    static let doubling = #"""
        {"nodes":[{"id":"s","type":"start","data":{"inputSchema":{"type":"number"}}},
        {"id":"x","type":"set","data":{"value":["${ .input }","${ .input }"]}},
        {"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"x"},{"source":"x","target":"e"}]}
        """#

    /// The only child of an execution.
    private func child(_ server: TestServer, of parent: Execution) async throws -> Execution {
        let page = try await server.store.executions(ExecutionQuery(workspaceID: "default"))
        let row = try #require(page.rows.first { $0.execution.parentID == parent.id })
        return row.execution
    }

    @Test func `its output is the node's, and it says whose child it is`() async throws {
        let server = try await TestServer()
        try await server.put(Self.doubling, id: "child")
        let ended = try await server.run(Self.parent(), input: "4")
        #expect(ended.outputJSON == "[4,4]")
        let child = try await child(server, of: ended)
        #expect(child.trigger == .parent)
        #expect(child.triggeredBy == ended.triggeredBy)
        #expect(ended.nodeExecutions.first { $0.nodePath == "call" }?.childID == child.id)
        #expect(server.engine.invariantFaults() == [])
        await server.stop()
    }

    @Test func `while it waits, the parent names it, holds no slot and no memory`() async throws {
        var limits = Limits()
        limits.runningMax = 1
        let server = try await TestServer(limits: limits)
        try await server.put(Definitions.approval, id: "child")
        try await server.put(Self.parent())
        let parent = try await server.trigger(input: "4").execution
        let waiting = try await server.until(parent) {
            $0.nextWakeUp.hasPrefix("the end of the child execution")
        }
        #expect(waiting.status == .running)
        let child = try await child(server, of: parent)
        #expect(waiting.nextWakeUp.contains(child.id))
        let held = try await server.rest(child)
        #expect(held.status == .suspended)
        // The one slot is free for others.
        #expect(try await server.run(Definitions.start).status == .completed)
        while server.engine.load.resident > 0 { await Task.yield() }
        try await server.restart()
        _ = try await server.engine.respond(
            ExecutionNumber(rawValue: child.number),
            InterruptResponse(decision: .approve, respondedBy: "test"), request: nil)
        #expect(try await server.until(parent) { $0.status.isOver }.status == .completed)
        await server.stop()
    }

    @Test func `its failure is the node's, which may try again with another child`() async throws {
        let server = try await TestServer()
        try await server.put(
            #"""
            {"nodes":[{"id":"s","type":"start"},
            {"id":"f","type":"fail","data":{"code":"BOOM","message":"no"}}],
            "edges":[{"source":"s","target":"f"}]}
            """#, id: "child")
        try await server.put(Self.parent(#","retry":{"attempts":2,"delay":"1s"}"#))
        let parent = try await server.trigger().execution
        _ = try await server.until(parent) { $0.waitingUntil != nil }
        server.environment.advance(by: .seconds(1))
        server.environment.advance(by: .seconds(60))
        let ended = try await server.until(parent) { $0.status.isOver }
        #expect(ended.error?.code == "BOOM")
        #expect(ended.error?.nodePath == "call")
        let page = try await server.store.executions(ExecutionQuery(workspaceID: "default"))
        let children = page.rows.filter { $0.execution.parentID == parent.id }
        #expect(Set(children.map(\.execution.id)).count == 2)
        await server.stop()
    }

    @Test(arguments: [
        ("", true), (#","onParentEnd":"abandon""#, false), (#","wait":false"#, false),
        (#","wait":false,"onParentEnd":"cancel""#, true),
    ])
    func `the parent's end ends it or not, as the node says`(_ data: String, _ ends: Bool)
        async throws
    {
        let server = try await TestServer()
        try await server.put(Definitions.approval, id: "child")
        try await server.put(Self.parent(data))
        let parent = try await server.trigger().execution
        if data.contains("false") {
            let ended = try await server.until(parent) { $0.status.isOver }
            let child = try await child(server, of: parent)
            #expect(ended.outputJSON == #"{"id":"\#(child.id)","number":\#(child.number)}"#)
        } else {
            _ = try await server.until(parent) {
                $0.nextWakeUp.hasPrefix("the end of the child execution")
            }
            _ = try await server.engine.cancel(
                ExecutionNumber(rawValue: parent.number), by: "test", reason: "", request: nil)
        }
        let child = try await child(server, of: parent)
        let after = try await server.until(child) { $0.status == (ends ? .cancelled : .suspended) }
        #expect(after.endedBy == (ends ? "execution:\(parent.id)" : ""))
        await server.stop()
    }

    @Test func `a child that is cancelled fails the node that waits for it`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.approval, id: "child")
        try await server.put(Self.parent(#","onError":"continue""#))
        let parent = try await server.trigger().execution
        _ = try await server.until(parent) {
            $0.nextWakeUp.hasPrefix("the end of the child execution")
        }
        let child = try await child(server, of: parent)
        _ = try await server.engine.cancel(
            ExecutionNumber(rawValue: child.number), by: "test", reason: "why", request: nil)
        let ended = try await server.until(parent) { $0.status.isOver }
        #expect(ended.outputJSON.contains("CHILD_CANCELLED"))
        await server.stop()
    }

    @Test func `what cannot be made fails the node`() async throws {
        let server = try await TestServer()
        let missing = try await server.run(Self.parent(child: "nowhere"))
        #expect(missing.error?.code == "WORKFLOW_NOT_FOUND")
        try await server.put(Self.doubling, id: "child")
        let wrong = try await server.run(Self.parent(), input: #""no number""#)
        #expect(wrong.error?.code == "INPUT_INVALID")
        // A workflow that is its own child ends at the depth limit.
        let deep = try await server.run(Self.parent(child: "flow"), input: "1")
        #expect(deep.status == .running || deep.error?.code == "CHILD_TOO_DEEP")
        let ended = try await server.until(deep) { $0.status.isOver }
        #expect(ended.error?.code == "CHILD_TOO_DEEP")
        let page = try await server.store.executions(
            ExecutionQuery(workspaceID: "default", limit: 100))
        let family = page.rows.filter { $0.execution.number >= deep.number }
        #expect(family.count == 17)
        await server.stop()
    }

    @Test
    func `children of a loop run at most so many at a time, and writes that fail make none twice`()
        async throws
    {
        let server = try await TestServer()
        try await server.put(Self.doubling, id: "child")
        try await server.put(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"each","type":"foreach","data":{
            "items":"${ .input }","concurrency":3,"body":\#(Self.parent())}},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"each"},{"source":"each","target":"e"}]}
            """#)
        server.store.fail(percent: 20)
        let environment = server.environment
        let ticker = Task {
            while !Task.isCancelled {
                environment.advance(by: .milliseconds(100))
                await Task.yield()
            }
        }
        var parent: Execution?
        while parent == nil {
            parent = try? await server.trigger(input: "[1,2,3,4,5,6,7,8]").execution
        }
        let ended = try await server.until(try #require(parent)) { $0.status.isOver }
        server.store.fail(percent: 0)
        ticker.cancel()
        await ticker.value
        // Three failed writes at one node's start may end it CRASHED; nothing else may go wrong.
        #expect(ended.status == .completed || ended.error?.code == "CRASHED")
        let page = try await server.store.executions(
            ExecutionQuery(workspaceID: "default", limit: 100))
        let children = page.rows.filter { $0.execution.parentID == ended.id }
        if ended.status == .completed {
            #expect(ended.outputJSON == "[[1,1],[2,2],[3,3],[4,4],[5,5],[6,6],[7,7],[8,8]]")
            #expect(children.count == 8)
        }
        await server.stop()
    }

    @Test func `a child waits for its place in the group of its workflow, also after a restart`()
        async throws
    {
        let server = try await TestServer()
        let held = String(Definitions.approval.trimmingPrefix(while: \.isWhitespace).dropFirst())
        try await server.put(
            #"{"concurrency":{"key":"${ .input }","max":1},"# + held, id: "child")
        try await server.put(Self.parent())
        let own = try await server.rest(
            try await server.trigger("child", input: #""a""#).execution)
        let parents = [
            try await server.trigger(input: #""a""#).execution,
            try await server.trigger(input: #""b""#).execution,
        ]
        for parent in parents {
            _ = try await server.until(parent) {
                $0.nextWakeUp.hasPrefix("the end of the child execution")
            }
        }
        let free = try await child(server, of: parents[1])
        #expect(try await server.rest(free).status == .suspended)
        let queued = try await child(server, of: parents[0])
        #expect(queued.concurrencyKey == "a")
        #expect(queued.nextWakeUp.contains("of which 1 run at once"))
        try await server.restart()
        #expect(try await server.get(queued).status == .queued)
        for execution in [own, queued, free] {
            _ = try await server.until(execution) { $0.status == .suspended }
            _ = try await server.engine.respond(
                ExecutionNumber(rawValue: execution.number),
                InterruptResponse(decision: .approve, respondedBy: "test"), request: nil)
        }
        for parent in parents {
            #expect(try await server.until(parent) { $0.status.isOver }.status == .completed)
        }
        await server.stop()
    }

    @Test func `a child does not wait for the place of who waits for it`() async throws {
        let server = try await TestServer()
        // Calls itself down to 0.
        let definition = #"""
            {"concurrency":{"max":1},"nodes":[{"id":"s","type":"start"},
            {"id":"more","type":"if","data":{"condition":"${ .input > 0 }"}},
            {"id":"call","type":"workflow","data":{"workflowId":"flow","input":"${ .input - 1 }"}},
            {"id":"e","type":"end"}],"edges":[{"source":"s","target":"more"},
            {"source":"more","sourceHandle":"true","target":"call"},
            {"source":"more","sourceHandle":"false","target":"e"},
            {"source":"call","target":"e"}]}
            """#
        try await server.put(definition)
        let made = [
            try await server.trigger(input: "2").execution,
            try await server.trigger(input: "1").execution,
        ]
        for execution in made {
            #expect(try await server.until(execution) { $0.status.isOver }.status == .completed)
        }
        await server.stop()
    }
}
