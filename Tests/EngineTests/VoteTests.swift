@testable import Engine
import Expressions
import JSON
import Messages
import Model
import ProtobufRuntime
import Testing

/// Who may answer an interrupt, how many have to agree, and who is reminded.
@Suite struct VoteTests {
    private static let now = WallTime(microseconds: 1_800_000_000_000_000)

    private struct Run {
        let graph: WorkflowGraph
        var machine: ExecutionMachine
        var journal: [ExecutionEvent]

        init(_ data: String, kind: String = "approval") throws {
            let definition = #"""
                {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"\#(kind)","data":{\#(data)}},
                {"id":"e","type":"end"}],"edges":[{"source":"s","target":"a"},
                {"source":"a","target":"e"}]}
                """#
            let result = WorkflowCompiler.compile(definition, limits: Limits())
            #expect(result.faults == [])
            graph = try #require(result.graph)
            let header = ExecutionCreated(
                id: "e", number: 1, workspaceID: "w", triggeredBy: "token:boss", inputJSON: "7")
            let (machine, decision) = ExecutionMachine.created(
                header, graph: graph, limits: Limits(), starts: true, at: now)
            self.machine = machine
            journal = decision.events
        }

        @discardableResult
        mutating func decide(_ command: ExecutionCommand, after: Duration = .zero)
            -> ExecutionRefusal?
        {
            let decision = machine.decide(command, at: now.advanced(by: after))
            journal += decision.events
            var folded = ExecutionMachine(graph: graph, limits: Limits())
            for event in journal { folded.apply(event) }
            #expect(folded.execution == machine.execution)
            #expect(folded.wakeAt == machine.wakeAt)
            return decision.refusal
        }

        mutating func answer(
            _ who: String, _ decision: Decision = .approve, groups: [String] = [],
            data: String = "", isAdmin: Bool = false
        ) -> ExecutionRefusal? {
            decide(
                .respond(
                    InterruptResponse(
                        decision: decision, dataJSON: data, respondedBy: who, groups: groups,
                        mayAnswerForOthers: isAdmin)))
        }
    }

    @Test func `an approval that needs three gets them from three people, and shows who they were`()
        throws
    {
        var run = try Run(#""approvals":3"#)
        #expect(run.answer("token:a", data: "1") == nil)
        #expect(run.answer("token:a") == .votedAlready("a#1"))
        #expect(run.answer("token:b") == nil)
        #expect(run.machine.status == .suspended)
        let interrupt = try #require(run.machine.interrupts.first)
        #expect(interrupt.votes.map(\.principal) == ["token:a", "token:b"])
        #expect(interrupt.approvalsNeeded == 3)
        #expect(run.answer("token:c") == nil)
        #expect(run.machine.status == .completed)
        let output = try JSONValue(parsing: run.machine.outputJSON)
        let approvals = output.objectValue?["approvals"]?.arrayValue
        #expect(
            approvals?.compactMap { $0.objectValue?["respondedBy"]?.stringValue } == [
                "token:a", "token:b", "token:c",
            ])
        let votes = run.journal.compactMap { event in
            if case .interruptVoted(let voted) = event.kind { voted.approvals } else { nil }
        }
        #expect(votes == [1, 2, 3])
    }

    @Test(arguments: [2, 6, 100])
    func `an approval that leaves no room for the others is refused, and those taken complete it`(
        needed: Int
    ) throws {
        var run = try Run(#""approvals":\#(needed)"#)
        let limit = Limits().nodeOutputBytesMax
        let share = ExecutionMachine.voteBytesMax(of: limit, Int32(needed))
        guard
            case .answer(let refusal)? = run.answer(
                "token:0", data: "\"" + String(repeating: "x", count: share) + "\"")
        else {
            Issue.record("an approval that is too large was taken")
            return
        }
        #expect(refusal.reason == "ANSWER_TOO_LARGE")
        #expect(refusal.message.contains("the limit of \(share)"))
        #expect(run.machine.interrupts.first?.votes.isEmpty == true)
        // The largest that is taken.
        let empty = Vote(principal: "token:100", time: Timestamp(Self.now), dataJSON: "\"\"")
        let room = share - InterruptFields.bytes(of: empty)
        for number in 0..<needed {
            let who = "token:\(100 + number)"
            let data = "\"" + String(repeating: "x", count: room) + "\""
            #expect(run.answer(who, data: data) == nil)
        }
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON.utf8.count > limit * 9 / 10)
    }

    @Test func `a single answer whose output would be too large is refused`() throws {
        var run = try Run("")
        let data = "\"" + String(repeating: "x", count: Limits().answerBytesMax - 2) + "\""
        for decision in [Decision.approve, .reject] {
            guard case .answer(let refusal)? = run.answer("token:a", decision, data: data) else {
                Issue.record("an answer that is too large was taken")
                return
            }
            #expect(refusal.reason == "ANSWER_TOO_LARGE")
        }
        #expect(run.machine.status == .suspended)
        #expect(run.answer("token:a", data: "1") == nil)
        #expect(run.machine.status == .completed)
    }

    @Test func `one reject is enough, but not of who has approved`() throws {
        var run = try Run(#""approvals":2"#)
        #expect(run.answer("token:a") == nil)
        #expect(run.answer("token:a", .reject) == .votedAlready("a#1"))
        #expect(run.answer("token:b", .reject) == nil)
        #expect(run.machine.status == .failed)
        #expect(run.machine.reason == .rejected)
    }

    @Test func `only assignees, their groups and admins answer`() throws {
        let data = #""assignees":["token:ada","ops"],"groups":["legal"]"#
        let allowed: [(String, [String], Bool)] = [
            ("token:ada", [], false), ("token:x", ["ops"], false), ("token:x", ["legal"], false),
            ("token:x", [], true),
        ]
        for (who, groups, isAdmin) in allowed {
            var run = try Run(data)
            #expect(run.answer("token:x", groups: ["other"]) == .notAssigned("a#1"))
            #expect(run.answer("token:x", .reject) == .notAssigned("a#1"))
            #expect(run.answer(who, groups: groups, isAdmin: isAdmin) == nil)
            #expect(run.machine.status == .completed)
        }
    }

    @Test func `whoever triggered it may not decide where that is asked for, not even an admin`()
        throws
    {
        var run = try Run(#""noSelfApproval":true"#)
        #expect(run.answer("token:boss", isAdmin: true) == .selfApproval("a#1"))
        #expect(run.answer("token:boss", .reject) == .selfApproval("a#1"))
        #expect(run.answer("token:other") == nil)
        var free = try Run("")
        #expect(free.answer("token:boss") == nil)
    }

    @Test func `the data of an approval satisfies its schema; a reject needs none`() throws {
        let data = #""schema":{"type":"object","required":["cost"]}"#
        var run = try Run(data)
        guard case .answer(let none)? = run.answer("token:a") else {
            Issue.record("an approval without data was taken")
            return
        }
        #expect(none.reason == "ANSWER_INVALID")
        #expect(run.answer("token:a", data: "{}") != nil)
        #expect(run.answer("token:a", data: #"{"cost":1}"#) == nil)
        #expect(run.machine.status == .completed)
        var rejected = try Run(data)
        #expect(rejected.answer("token:a", .reject) == nil)
    }

    @Test
    func `reminders come after a time and before the deadline, each once, and then the deadline`()
        throws
    {
        var run = try Run(
            #""deadline":"24h","onDeadline":"reject","groups":["ops"],"#
                + #""reminders":[{"before":"1h"},{"after":"6h"},{"after":"30h"}]"#)
        func reminders() -> [Int32] {
            run.journal.compactMap { event in
                if case .interruptReminded(let reminded) = event.kind {
                    reminded.ordinal
                } else {
                    nil
                }
            }
        }
        #expect(run.machine.wakeAt == Self.now.advanced(by: .seconds(6 * 3_600)))
        run.decide(.timersFired(delays: Self.now), after: .seconds(5 * 3_600))
        #expect(reminders() == [])
        run.decide(.timersFired(delays: Self.now), after: .seconds(6 * 3_600))
        #expect(reminders() == [1])
        #expect(run.machine.wakeAt == Self.now.advanced(by: .seconds(23 * 3_600)))
        run.decide(.timersFired(delays: Self.now), after: .seconds(23 * 3_600))
        #expect(reminders() == [1, 2])
        #expect(run.machine.status == .suspended)
        run.decide(.timersFired(delays: Self.now), after: .seconds(24 * 3_600))
        #expect(reminders() == [1, 2])
        #expect(run.machine.reason == .rejected)
    }

    @Test(arguments: [
        (#""reminders":[{"before":"1h"}]"#, "MISSING_FIELD"),
        (#""reminders":[{}]"#, "BAD_VALUE"), (#""reminders":["1h"]"#, "BAD_TYPE"),
        (#""reminders":[{"after":"x"}]"#, "BAD_DURATION"), (#""reminders":7"#, "BAD_TYPE"),
        (#""approvals":0"#, "BAD_VALUE"), (#""groups":[""]"#, "BAD_TYPE"),
        (#""noSelfApproval":1"#, "BAD_TYPE"), (#""schema":{"type":"x"}"#, "BAD_SCHEMA"),
        (#""reminders":[{"after":"1h","often":1}]"#, "UNKNOWN_FIELD"),
    ])
    func `what makes no sense is refused`(data: String, code: String) {
        let result = WorkflowCompiler.compile(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"approval","data":{\#(data)}},
            {"id":"e","type":"end"}],"edges":[{"source":"s","target":"a"},
            {"source":"a","target":"e"}]}
            """#, limits: Limits())
        #expect(result.faults.map(\.code) == [code])
    }

    @Test func `a reminder is sent from the store after a restart, and votes are kept`()
        async throws
    {
        let server = try await TestServer()
        let held = try await server.run(
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"approval",
            "data":{"approvals":2,"reminders":[{"after":"1h"}]}},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"a"},{"source":"a","target":"e"}]}
            """#)
        let number = ExecutionNumber(rawValue: held.number)
        let first = try await server.engine.respond(
            number, InterruptResponse(decision: .approve, respondedBy: "a"), request: nil)
        #expect(first.interrupts.first?.votes.count == 1)
        try await server.restart()
        server.environment.advance(by: .seconds(3_700))
        let reminded = try await server.until(held) {
            $0.interrupts.first?.remindersSent == 1
        }
        #expect(reminded.status == .suspended)
        #expect(reminded.interrupts.first?.votes.map(\.principal) == ["a"])
        let last = try await server.engine.respond(
            number, InterruptResponse(decision: .approve, respondedBy: "b"), request: nil)
        #expect(last.status == .completed)
        await server.stop()
    }
}
