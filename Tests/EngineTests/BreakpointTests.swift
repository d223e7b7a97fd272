@testable import Engine
import Expressions
import JSON
import Messages
import Model
import ProtobufRuntime
import Testing

/// Breakpoints and pauses, decided by the machine as a value; every step is also folded.
@Suite struct BreakpointTests {
    private static let now = WallTime(microseconds: 1_800_000_000_000_000)

    private struct Run {
        let graph: WorkflowGraph
        var machine: ExecutionMachine
        var journal: [ExecutionEvent]
        var bodies: [BodyStart] = []
        var resolves: [(NodeRef, Int32)] = []

        init(_ definition: String, _ breakpoints: Breakpoints?) throws {
            let result = WorkflowCompiler.compile(definition, limits: Limits())
            #expect(result.faults == [])
            graph = try #require(result.graph)
            let header = ExecutionCreated(
                id: "e", number: 1, workspaceID: "w", inputJSON: "7", breakpoints: breakpoints)
            let (machine, decision) = ExecutionMachine.created(
                header, graph: graph, limits: Limits(), starts: true, at: now)
            self.machine = machine
            journal = decision.events
            take(decision)
        }

        @discardableResult
        mutating func decide(_ command: ExecutionCommand, after: Duration = .zero)
            -> ExecutionRefusal?
        {
            let decision = machine.decide(command, at: now.advanced(by: after))
            journal += decision.events
            take(decision)
            checkFold()
            return decision.refusal
        }

        private mutating func take(_ decision: ExecutionDecision) {
            for effect in decision.effects {
                switch effect {
                case .startBody(let start): bodies.append(start)
                case .stop(let node): bodies.removeAll { $0.node == node }
                case .resolve(let node, let attempt): resolves.append((node, attempt))
                case .goOn, .enqueue, .readInbox, .enqueueChild, .tellRecipients: break
                }
            }
        }

        /// What was decided and what its journal folds to are the same, evaluations aside.
        private func checkFold() {
            var folded = ExecutionMachine(graph: graph, limits: Limits())
            for event in journal { folded.apply(event) }
            #expect(folded.status == machine.status)
            #expect(folded.execution == machine.execution || !resolves.isEmpty)
            #expect(folded.wakeAt == machine.wakeAt)
            if resolves.isEmpty { #expect(folded.frame.nodes == machine.frame.nodes) }
            #expect(machine.hasNextWakeUp)
        }

        @discardableResult
        mutating func control(_ action: PauseAction, _ id: String? = nil) -> ExecutionRefusal? {
            decide(.control(ControlCommand(.pauseControl(action, interruptID: id), by: "ada")))
        }

        mutating func end(_ id: String, _ result: Result<String, NodeFailure> = .success("1")) {
            guard let index = bodies.firstIndex(where: { $0.path.description == id }) else {
                Issue.record("'\(id)' is not at work")
                return
            }
            let start = bodies.remove(at: index)
            decide(.bodyEnded(node: start.node, attempt: start.attempt, result))
        }

        var open: [String] { machine.interrupts.map(\.id) }
    }

    private static func chain(_ marks: String = "", _ kind: String = "noop") -> String {
        #"""
        {"nodes":[{"id":"s","type":"start","data":{}},{"id":"a","type":"\#(kind)","data":{\#(marks)}},
        {"id":"b","type":"noop","data":{}},{"id":"e","type":"end","data":{}}],
        "edges":[{"source":"s","target":"a"},{"source":"a","target":"b"},{"source":"b","target":"e"}]}
        """#
    }

    private static let all = Breakpoints(enabled: true, at: .both, nodes: .all)

    @Test func `a breakpoint before and after every node holds it until it is continued`() throws {
        var run = try Run(Self.chain(), Self.all)
        var seen: [String] = []
        while run.machine.status == .suspended {
            #expect(run.machine.reason == .breakpoint)
            let execution = run.machine.execution
            #expect(execution.pauseReason == .breakpoint)
            let interrupt = try #require(run.machine.interrupts.first)
            #expect(execution.pausedNodeID == interrupt.nodeID)
            seen.append("\(interrupt.place == .pre ? "<" : ">")\(interrupt.id)")
            #expect(run.control(.continue) == nil)
            if let body = run.bodies.first { run.end(body.path.description) }
        }
        #expect(seen == ["<s#1", ">s#2", "<a#1", ">a#2", "<b#1", ">b#2", "<e#1", ">e#2"])
        #expect(run.machine.status == .completed)
    }

    @Test(arguments: [
        ("true", BreakpointPlace.unspecified, ["a#1 pre"]),
        ("true", .both, ["a#1 pre", "a#2 post"]),
        (#""post""#, .unspecified, ["a#1 post"]), (#""post""#, .pre, []),
        (#""both""#, .post, ["a#1 post"]), ("false", .both, []),
    ])
    func `marked nodes stop on the sides that the mark and the run agree on`(
        mark: String, at: BreakpointPlace, expected: [String]
    ) throws {
        var run = try Run(
            Self.chain(#""breakpoint":\#(mark)"#),
            Breakpoints(enabled: true, at: at, nodes: .marked))
        var seen: [String] = []
        while !run.machine.status.isEnd {
            if let body = run.bodies.first {
                run.end(body.path.description)
            } else {
                let interrupt = try #require(run.machine.interrupts.first)
                seen.append("\(interrupt.id) \(interrupt.place == .pre ? "pre" : "post")")
                run.control(.continue)
            }
        }
        #expect(seen == expected)
    }

    @Test func `a mark stops nothing without breakpoints, or with breakpoints off`() throws {
        for breakpoints in [nil, Breakpoints(enabled: false, at: .both, nodes: .all)] {
            let run = try Run(Self.chain(#""breakpoint":true"#), breakpoints)
            #expect(run.bodies.map(\.path.description) == ["a"])
        }
    }

    @Test func `a skip bypasses the node, whose input is its output`() throws {
        var run = try Run(
            Self.chain(#""breakpoint":true"#), Breakpoints(enabled: true, nodes: .marked))
        #expect(run.control(.skip) == nil)
        #expect(run.bodies.map(\.path.description) == ["b"])
        #expect(run.machine.state(NodeRef(1)).output == "7")
        #expect(run.machine.state(NodeRef(1)).phase == .completed)
    }

    @Test func `nothing is skipped behind a node, or where people decide or an edge is chosen`()
        throws
    {
        let marked = Breakpoints(enabled: true, nodes: .marked)
        var after = try Run(Self.chain(#""breakpoint":"post""#), marked)
        after.end("a")
        #expect(after.control(.skip) == .skipImpossible("a#1"))
        var approval = try Run(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"approval","data":{"breakpoint":true}},
            {"id":"e","type":"end"}],"edges":[{"source":"s","target":"a"},
            {"source":"a","sourceHandle":"approved","target":"e"}]}
            """#, marked)
        #expect(approval.control(.skip) == .skipImpossible("a#1"))
        var within = try Run(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"try","data":{"breakpoint":true,
            "body":{"nodes":[{"id":"i","type":"start"},{"id":"ok","type":"approval"}],
            "edges":[{"source":"i","target":"ok"}]},
            "finally":{"nodes":[{"id":"i","type":"start"}],"edges":[]}}},
            {"id":"e","type":"end"}],"edges":[{"source":"s","target":"a"},
            {"source":"a","target":"e"}]}
            """#, marked)
        #expect(within.control(.skip) == .skipImpossible("a#1"))
        // Whom a child asks is not known before it runs; one that nobody waits for decides nothing here.
        func calling(_ data: String) throws -> Run {
            try Run(
                #"""
                {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"workflow","data":{
                "workflowId":"w","breakpoint":true\#(data)}},{"id":"e","type":"end"}],
                "edges":[{"source":"s","target":"a"},{"source":"a","target":"e"}]}
                """#, marked)
        }
        var child = try calling("")
        #expect(child.control(.skip) == .skipImpossible("a#1"))
        var inLoop = try Run(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"foreach","data":{
            "breakpoint":true,"items":[1],"body":{"nodes":[{"id":"i","type":"start"},
            {"id":"call","type":"workflow","data":{"workflowId":"w"}}],
            "edges":[{"source":"i","target":"call"}]}}},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"a"},{"source":"a","target":"e"}]}
            """#, marked)
        #expect(inLoop.control(.skip) == .skipImpossible("a#1"))
        var free = try calling(#","wait":false"#)
        #expect(free.control(.skip) == nil)
        #expect(free.machine.status == .completed)
        #expect(approval.control(.continue) == nil)
        #expect(approval.machine.reason == .approval)
        #expect(approval.open == ["a#2"])
    }

    @Test func `answers do not continue a breakpoint, and a continue does not answer an approval`()
        throws
    {
        var run = try Run(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"approval","data":{"breakpoint":true}},
            {"id":"e","type":"end"}],"edges":[{"source":"s","target":"a"},
            {"source":"a","sourceHandle":"approved","target":"e"}]}
            """#, Breakpoints(enabled: true, nodes: .marked))
        for id in [nil, "a#1"] {
            #expect(
                run.decide(.respond(InterruptResponse(interruptID: id, decision: .approve)))
                    == .needsContinue("a#1"))
        }
        run.control(.continue)
        #expect(run.control(.continue) == .notPaused(["a#2"]))
        #expect(run.control(.continue, "a#2") == .needsAnswer("a#2"))
        #expect(run.control(.stop) == .notPaused(["a#2"]))
        #expect(run.control(.continue, "a#1") == .interruptClosed("a#1"))
        #expect(run.control(.continue, "zz#1") == .interruptUnknown("zz#1"))
        #expect(run.machine.execution.pauseReason == .unspecified)
        #expect(run.decide(.respond(InterruptResponse(decision: .approve))) == nil)
        #expect(run.machine.status == .completed)
        #expect(run.control(.continue, "a#1") == .interruptClosed("a#1"))
        #expect(run.control(.continue) == .final(.completed))
    }

    private static let diamond = #"""
        {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"noop"},{"id":"b","type":"noop"},
        {"id":"e","type":"end"}],"edges":[{"source":"s","target":"a"},{"source":"s","target":"b"},
        {"source":"a","target":"e"},{"source":"b","target":"e"}]}
        """#

    @Test func `of several breakpoints one has to be named, or all are turned off`() throws {
        var run = try Run(Self.diamond, Breakpoints(enabled: true, at: .pre, nodes: .all))
        run.control(.continue)
        #expect(run.open == ["a#1", "b#1"])
        #expect(run.control(.continue) == .ambiguous(["a#1", "b#1"]))
        #expect(run.control(.continue, "b#1") == nil)
        #expect(run.machine.status == .running)
        #expect(run.control(.continueWithoutBreakpoint) == nil)
        #expect(run.open == [])
        #expect(run.machine.execution.breakpoints == nil)
        run.end("a")
        run.end("b")
        #expect(run.machine.status == .completed)
    }

    // MARK: Within bodies

    /// start → each (two items, `x` in each) → end; no expressions, so that every step is here.
    private static func loop(_ data: String = "", mark: String = "") -> String {
        #"""
        {"nodes":[{"id":"s","type":"start"},{"id":"each","type":"foreach","data":{"items":[10,20],
        \#(data)"body":{"nodes":[{"id":"s","type":"start"},{"id":"x","type":"noop","data":{\#(mark)}},
        {"id":"e","type":"end"}],"edges":[{"source":"s","target":"x"},{"source":"x","target":"e"}]}}},
        {"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"each"},{"source":"each","target":"e"}]}
        """#
    }

    @Test func `nodes within a loop are held in each of its bodies, and the loop around them`()
        throws
    {
        var run = try Run(Self.loop(#""concurrency":1,"#), Self.all)
        var seen: [String] = []
        while run.machine.status == .suspended {
            let interrupt = try #require(run.machine.interrupts.first)
            seen.append("\(interrupt.place == .pre ? "<" : ">")\(interrupt.nodePath)")
            #expect(run.machine.execution.pausedNodeID == interrupt.nodeID)
            #expect(run.control(.continue, interrupt.id) == nil)
            if let body = run.bodies.first { run.end(body.path.description, .success("7")) }
        }
        let body = { (index: Int) in
            ["<each[\(index)].x", ">each[\(index)].x", "<each[\(index)].e", ">each[\(index)].e"]
        }
        #expect(
            seen == ["<s", ">s", "<each"] + body(0) + body(1) + [">each", "<e", ">e"])
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON == "[7,7]")
        #expect(run.machine.tally == GraphFrame.Tally())
    }

    @Test func `holds in several bodies are continued by their id, skipped, or all let go at once`()
        throws
    {
        let marked = Breakpoints(enabled: true, nodes: .marked)
        var run = try Run(Self.loop(#""concurrency":2,"#, mark: #""breakpoint":true"#), marked)
        #expect(run.open == ["each[0].x#1", "each[1].x#1"])
        #expect(run.control(.continue) == .ambiguous(["each[0].x#1", "each[1].x#1"]))
        #expect(run.control(.skip, "each[1].x#1") == nil)
        #expect(run.open == ["each[0].x#1"])
        #expect(run.machine.status == .suspended)
        #expect(run.control(.continue, "each[1].x#1") == .interruptClosed("each[1].x#1"))
        #expect(run.control(.continue) == nil)
        run.end("each[0].x", .success("7"))
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON == "[7,20]")

        var free = try Run(Self.loop(#""concurrency":2,"#, mark: #""breakpoint":true"#), marked)
        #expect(free.control(.continueWithoutBreakpoint) == nil)
        #expect(free.open == [])
        for index in 0...1 { free.end("each[\(index)].x") }
        #expect(free.machine.status == .completed)
    }

    @Test func `a body that fails closes the holds of the others, and a stop those of all`() throws
    {
        let marked = Breakpoints(enabled: true, nodes: .marked)
        for mark in [#""breakpoint":"pre""#, #""breakpoint":"post""#] {
            let loop = Self.loop(#""concurrency":2,"#, mark: mark)
            var run = try Run(loop, marked)
            if mark.contains("post") {
                run.end("each[0].x")
            } else {
                run.control(.continue, "each[1].x#1")
            }
            #expect(run.open == ["each[0].x#1"])
            run.end("each[1].x", .failure(NodeFailure("X", "x")))
            #expect(run.machine.status == .failed)
            #expect(run.open == [])
            var stopped = try Run(loop, marked)
            if mark.contains("post") { stopped.end("each[0].x") }
            if mark.contains("post") { stopped.end("each[1].x") }
            #expect(stopped.open.count == 2)
            #expect(stopped.control(.stop) == nil)
            #expect(stopped.machine.status == .cancelled)
            #expect(stopped.open == [])
        }
    }

    @Test func `nodes are held within try, catch and finally, and a pause holds all of them`()
        throws
    {
        func body(_ id: String) -> String {
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"\#(id)","type":"noop","data":{"breakpoint":"both"}},
            {"id":"e","type":"end"}],"edges":[{"source":"s","target":"\#(id)"},
            {"source":"\#(id)","target":"e"}]}
            """#
        }
        let definition = #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"t","type":"try","data":{"body":\#(body("a")),
            "catch":[{"body":\#(body("b"))}],"finally":\#(body("c"))}},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"t"},{"source":"t","target":"e"}]}
            """#
        var run = try Run(definition, Breakpoints(enabled: true, nodes: .marked))
        #expect(run.open == ["t.try.a#1"])
        #expect(run.control(.continue) == nil)
        // A failure has no result to look at: what it leads to is held.
        run.end("t.try.a", .failure(NodeFailure("X", "x")))
        #expect(run.open == ["t.catch[0].b#1"])
        #expect(run.decide(Self.pause) == nil)
        #expect(run.machine.reason == .pause)
        #expect(run.control(.continue, "t.catch[0].b#1") == nil)
        #expect(run.bodies.isEmpty)
        #expect(run.machine.status == .suspended)
        #expect(run.decide(Self.resume) == nil)
        run.end("t.catch[0].b", .success("3"))
        #expect(run.open == ["t.catch[0].b#2"])
        #expect(run.control(.continue) == nil)
        #expect(run.open == ["t.finally.c#1"])
        #expect(run.control(.skip) == nil)
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON == "3")
    }

    @Test func `a stop at a breakpoint cancels and closes all`() throws {
        var run = try Run(Self.diamond, Self.all)
        run.control(.continue)
        run.control(.continue)
        #expect(run.open == ["a#1", "b#1"])
        #expect(run.control(.stop) == nil)
        #expect(run.machine.status == .cancelled)
        #expect(run.machine.endedBy == "ada")
        #expect(run.open == [])
    }

    // MARK: Pause of the whole

    private static let pause = ExecutionCommand.control(
        ControlCommand(.pause, by: "ada", reason: "look"))
    private static let resume = ExecutionCommand.control(ControlCommand(.resume, by: "bob"))

    @Test func `a pause lets what is at work end and starts nothing until it is resumed`() throws {
        var run = try Run(Self.chain(), nil)
        #expect(run.decide(Self.pause) == nil)
        #expect(run.machine.status == .running)
        #expect(run.decide(Self.pause) == .pausedAlready)
        run.end("a")
        #expect(run.machine.status == .suspended)
        #expect(run.machine.reason == .pause)
        #expect(run.machine.execution.pauseReason == .pause)
        #expect(run.bodies.isEmpty)
        #expect(
            run.decide(.respond(InterruptResponse(decision: .approve))) == .needsContinue("#1"))
        #expect(run.decide(Self.resume) == nil)
        #expect(run.bodies.map(\.path.description) == ["b"])
        #expect(run.decide(Self.resume) == .notPaused([]))
        run.end("b")
        #expect(run.machine.status == .completed)
    }

    @Test func `a timer passes during a pause, and what follows it waits for the resume`() throws {
        var run = try Run(Self.chain(#""duration":"1m""#, "wait"), nil)
        run.decide(Self.pause)
        #expect(run.machine.status == .suspended)
        #expect(run.machine.wakeAt != nil)
        run.decide(.timersFired(delays: Self.now), after: .seconds(61))
        #expect(run.machine.status == .suspended)
        #expect(run.machine.wakeAt == nil)
        #expect(run.bodies.isEmpty)
        run.control(.continue)
        #expect(run.bodies.map(\.path.description) == ["b"])
    }

    @Test func `a retry waits for the resume and then begins at once`() throws {
        var run = try Run(Self.chain(#""retry":{"attempts":2,"delay":"1s"}"#), nil)
        run.decide(Self.pause)
        run.end("a", .failure(NodeFailure("X", "x")))
        #expect(run.machine.status == .suspended)
        #expect(run.machine.wakeAt == nil)
        run.decide(.timersFired(delays: Self.now.advanced(by: .seconds(5))), after: .seconds(5))
        #expect(run.machine.status == .suspended)
        run.decide(Self.resume, after: .seconds(6))
        #expect(run.machine.wakeAt != nil)
        run.decide(.timersFired(delays: Self.now.advanced(by: .seconds(6))), after: .seconds(6))
        #expect(run.bodies.map(\.attempt) == [2])
    }

    @Test func `an approval is answered during a pause, and the pause stays`() throws {
        var run = try Run(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"approval"},{"id":"b","type":"noop"},
            {"id":"e","type":"end"}],"edges":[{"source":"s","target":"a"},
            {"source":"a","target":"b"},{"source":"b","target":"e"}]}
            """#, nil)
        #expect(run.machine.reason == .approval)
        run.decide(Self.pause)
        #expect(run.machine.reason == .pause)
        #expect(run.decide(.respond(InterruptResponse(decision: .approve))) == nil)
        #expect(run.machine.status == .suspended)
        #expect(run.machine.reason == .pause)
        run.decide(Self.resume)
        #expect(run.bodies.map(\.path.description) == ["b"])
    }

    @Test func `an expression evaluated during a pause is evaluated again after it`() throws {
        var run = try Run(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"set","data":{"value":"${.input}"}},
            {"id":"e","type":"end"}],"edges":[{"source":"s","target":"a"},
            {"source":"a","target":"e"}]}
            """#, nil)
        let (node, attempt) = try #require(run.resolves.first)
        run.decide(Self.pause)
        #expect(run.machine.status == .running)
        run.decide(
            .resolved(node: node, attempt: attempt, .success(JSONText(trusted: #"{"value":7}"#))))
        #expect(run.machine.status == .suspended)
        run.decide(Self.resume)
        #expect(run.resolves.count == 2)
        run.decide(
            .resolved(node: node, attempt: attempt, .success(JSONText(trusted: #"{"value":7}"#))))
        #expect(run.machine.status == .completed)
    }

    @Test func `a cancel ends a pause, and so does a failure of what was at work`() throws {
        var cancelled = try Run(Self.chain(), nil)
        cancelled.decide(Self.pause)
        cancelled.decide(.cancel(by: "ada", reason: ""))
        #expect(cancelled.machine.status == .cancelled)
        #expect(cancelled.open == [])
        var failed = try Run(Self.chain(), nil)
        failed.decide(Self.pause)
        failed.end("a", .failure(NodeFailure("X", "x")))
        #expect(failed.machine.status == .failed)
        #expect(failed.open == [])
    }

    @Test func `an attempt cut off during a pause runs again after it`() throws {
        var run = try Run(Self.chain(), nil)
        run.decide(Self.pause)
        run.bodies = []
        run.decide(.recovered(running: []))
        #expect(run.machine.status == .suspended)
        run.decide(Self.resume)
        #expect(run.bodies.map(\.attempt) == [2])
    }
}
