import Engine
import Messages
import Model
import Store
import Testing

/// What a replay must not put in the place of what people decided in a child execution.
@Suite struct EditedReplayTests {
    /// start → x → after → end.
    private static func flow(_ node: String) -> String {
        #"""
        {"nodes":[{"id":"s","type":"start"},\#(node),{"id":"after","type":"noop"},
        {"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"x"},{"source":"x","target":"after"},
        {"source":"after","target":"e"}]}
        """#
    }

    private static func call(_ child: String, _ more: String = "") -> String {
        #"{"id":"x","type":"workflow","data":{"workflowId":"\#(child)"\#(more)}}"#
    }

    private static func body(_ node: String) -> String {
        #"{"nodes":[{"id":"s","type":"start"},\#(node),{"id":"e","type":"end"}],"#
            + #""edges":[{"source":"s","target":"x"},{"source":"x","target":"e"}]}"#
    }

    private static let nothing = #"{"nodes":[{"id":"s","type":"start"}],"edges":[]}"#
    private static let approval = flow(#"{"id":"x","type":"approval"}"#)

    private func child(_ server: TestServer, of parent: Execution) async throws -> Execution {
        let page = try await server.store.executions(ExecutionQuery(workspaceID: "default"))
        return try #require(page.rows.first { $0.execution.parentID == parent.id }).execution
    }

    /// The execution below it at which something is decided, once it is reached.
    private func asking(_ server: TestServer, _ execution: Execution) async throws -> Execution {
        let now = try await server.until(execution) {
            $0.status == .suspended || $0.status.isOver
                || $0.nextWakeUp.hasPrefix("the end of the child execution")
        }
        return now.status == .running
            ? try await asking(server, try await child(server, of: now)) : now
    }

    /// Runs the workflow `flow` to its end, and somebody decides where somebody is asked.
    private func decided(_ server: TestServer, _ decision: Decision = .approve) async throws
        -> ExecutionRow
    {
        let made = try await server.trigger(input: "[7]").execution
        let asking = try await asking(server, made)
        if asking.status == .suspended {
            _ = try await server.engine.respond(
                ExecutionNumber(rawValue: asking.number),
                InterruptResponse(decision: decision, respondedBy: "token:boss"), request: nil)
        }
        return try await row(server, try await server.until(made) { $0.status.isOver })
    }

    private func row(_ server: TestServer, _ execution: Execution) async throws -> ExecutionRow {
        let row = try #require(
            await server.store.execution(
                .number(ExecutionNumber(rawValue: execution.number)), workspaceID: nil))
        #expect(row.execution.status == .completed)
        return row
    }

    /// Replays it with another output of `x`.
    /// - Returns: the replay, or why there is none.
    private func forge(_ server: TestServer, _ source: ExecutionRow) async throws -> (
        Execution?, String
    ) {
        let plan = ReplayPlan(
            fromNodeID: "after", outputs: [NodeOutput(nodeID: "x", outputJSON: #""forged""#)])
        do {
            let made = try await server.engine.replay(source, plan, by: "token:op", request: nil)
            return (try await server.rest(made.execution), "")
        } catch {
            return (nil, (error as? EngineError)?.reason ?? "\(error)")
        }
    }

    @Test(
        arguments: [
            call("approval"), call("between"),
            #"{"id":"x","type":"foreach","data":{"items":"${ .input }","body":\#(body(call("approval")))}}"#,
            #"{"id":"x","type":"try","data":{"body":\#(body(call("approval"))),"finally":\#(nothing)}}"#,
        ])
    func `what people decided in a child is not edited, however deep`(_ node: String) async throws {
        let server = try await TestServer()
        try await server.put(Self.approval, id: "approval")
        try await server.put(Self.flow(Self.call("approval")), id: "between")
        try await server.put(Self.flow(node))
        let source = try await decided(server)
        let (_, reason) = try await forge(server, source)
        #expect(reason == "DECISION_NOT_EDITABLE")
        // Nor by a replay of a replay that takes it over as it is.
        let taken = try await server.engine.replay(
            source, ReplayPlan(fromNodeID: "after"), by: "token:op", request: nil)
        let again = try await row(server, try await server.rest(taken.execution))
        let (_, second) = try await forge(server, again)
        #expect(second == "DECISION_NOT_EDITABLE")
        await server.stop()
    }

    @Test func `what is caught of a child that people rejected is not edited`() async throws {
        let server = try await TestServer()
        try await server.put(Self.approval, id: "approval")
        try await server.put(
            Self.flow(
                #"{"id":"x","type":"try","data":{"body":\#(Self.body(Self.call("approval"))),"#
                    + #""catch":[{"body":\#(Self.nothing)}]}}"#))
        let source = try await decided(server, .reject)
        let (_, reason) = try await forge(server, source)
        #expect(reason == "DECISION_NOT_EDITABLE")
        await server.stop()
    }

    @Test(
        arguments: [
            call("plain"), call("between"), call("approval", #","wait":false"#),
            #"{"id":"x","type":"foreach","data":{"items":"${ .input }","body":\#(body(call("plain")))}}"#,
        ])
    func `where nobody was asked an output may be edited, also in a replay of a replay`(
        _ node: String
    ) async throws {
        let server = try await TestServer()
        try await server.put(Self.flow(#"{"id":"x","type":"noop"}"#), id: "plain")
        try await server.put(Self.approval, id: "approval")
        try await server.put(Self.flow(Self.call("plain")), id: "between")
        try await server.put(Self.flow(node))
        var source = try await decided(server)
        for _ in 1...2 {
            let (edited, reason) = try await forge(server, source)
            #expect(reason == "")
            let replay = try #require(edited)
            #expect(replay.outputJSON == #""forged""#)
            #expect(replay.nodeExecutions.filter(\.edited).map(\.nodeID) == ["x"])
            source = try await row(server, replay)
        }
        await server.stop()
    }
}
