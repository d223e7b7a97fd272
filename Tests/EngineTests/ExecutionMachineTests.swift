@testable import Engine
import Expressions
import JSON
import Messages
import Model
import ProtobufRuntime
import Testing

/// The state machine as a value: shapes, transitions, and folding its own journal.
@Suite struct ExecutionMachineTests {
    private static func graph(_ definition: String) throws -> WorkflowGraph {
        let result = WorkflowCompiler.compile(definition, limits: Limits())
        #expect(result.faults == [])
        return try #require(result.graph)
    }

    private static let now = WallTime(microseconds: 1_800_000_000_000_000)

    /// Nodes `id:type[:data]` and edges `a>b` or `a/handle>b`, in words.
    private static func text(_ nodes: [(String, String, String)], _ edges: [String]) -> String {
        let nodeTexts = nodes.map { #"{"id":"\#($0.0)","type":"\#($0.1)","data":\#($0.2)}"# }
        let edgeTexts = edges.map { edge in
            let ends = edge.split(separator: ">")
            let source = ends[0].split(separator: "/")
            let handle = source.count > 1 ? #","sourceHandle":"\#(source[1])""# : ""
            return #"{"source":"\#(source[0])"\#(handle),"target":"\#(ends[1])"}"#
        }
        return
            #"{"nodes":[\#(nodeTexts.joined(separator: ","))],"edges":[\#(edgeTexts.joined(separator: ","))]}"#
    }

    /// A machine with its journal and what it waits for.
    private struct Run {
        var machine: ExecutionMachine
        var journal: [ExecutionEvent]
        var bodies: [BodyStart] = []

        init(_ graph: WorkflowGraph, limits: Limits = Limits()) {
            let header = ExecutionCreated(id: "e", number: 1, workspaceID: "w", inputJSON: "7")
            let (machine, decision) = ExecutionMachine.created(
                header, graph: graph, limits: limits, starts: true, at: now)
            self.machine = machine
            journal = decision.events
            take(decision)
        }

        @discardableResult
        mutating func decide(_ command: ExecutionCommand, after: Duration = .zero)
            -> ExecutionRefusal?
        {
            let decision = machine.decide(
                command, at: ExecutionMachineTests.now.advanced(by: after))
            journal += decision.events
            take(decision)
            return decision.refusal
        }

        private mutating func take(_ decision: ExecutionDecision) {
            for effect in decision.effects {
                switch effect {
                case .startBody(let start): bodies.append(start)
                case .stop(let node): bodies.removeAll { $0.node == node }
                case .resolve, .goOn, .enqueue, .readInbox, .enqueueChild, .tellRecipients:
                    break
                }
            }
        }

        mutating func end(_ id: String, _ result: Result<String, NodeFailure> = .success("1")) {
            guard let index = bodies.firstIndex(where: { $0.path.description == id }) else {
                return
            }
            let start = bodies.remove(at: index)
            decide(.bodyEnded(node: start.node, attempt: start.attempt, result))
        }

        func status(_ id: String) -> NodeState.Phase? {
            machine.graph.position(of: id).map { machine.frame.nodes[$0].phase }
        }
    }

    private static let diamond = text(
        [
            ("s", "start", "{}"), ("a", "noop", "{}"), ("b", "noop", "{}"), ("j", "noop", "{}"),
            ("e", "end", "{}"),
        ], ["s>a", "s>b", "a>j", "b>j", "j>e"])

    @Test func `branches run in parallel and a join waits for all`() throws {
        var run = Run(try Self.graph(Self.diamond))
        #expect(run.bodies.map(\.path.description) == ["a", "b"])
        run.end("a", .success("1"))
        #expect(run.bodies.map(\.path.description) == ["b"])
        run.end("b", .success("2"))
        let join = try #require(run.machine.graph.position(of: "j"))
        #expect(run.machine.input(of: NodeRef(join)) == #"{"a":1,"b":2}"#)
        run.end("j", .success("3"))
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON == "3")
    }

    @Test func `a branch that is not chosen is skipped to the join, which runs with the other`()
        throws
    {
        let graph = try Self.graph(
            Self.text(
                [
                    ("s", "start", "{}"), ("i", "if", #"{"condition":true}"#),
                    ("y", "noop", "{}"), ("n", "noop", "{}"), ("n2", "noop", "{}"),
                    ("j", "end", "{}"),
                ], ["s>i", "i/true>y", "i/false>n", "n>n2", "y>j", "n2>j"]))
        var run = Run(graph)
        #expect(run.status("n") == .skipped)
        #expect(run.status("n2") == .skipped)
        run.end("y", .success("5"))
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON == "5")
    }

    @Test func `a failure that nothing handles cancels the siblings and fails the execution`()
        throws
    {
        var run = Run(try Self.graph(Self.diamond))
        run.end("a", .failure(NodeFailure("BOOM", "it broke")))
        #expect(run.machine.status == .failed)
        #expect(run.machine.reason == .nodeFailed)
        #expect(run.machine.error?.code == "BOOM")
        #expect(run.status("b") == .cancelled)
        #expect(run.bodies.isEmpty)
        #expect(
            run.decide(.bodyEnded(node: NodeRef(2), attempt: 1, .success("1"))) == .final(.failed))
        #expect(run.machine.dropped == 1)
    }

    @Test func `retries wait longer each time, count their attempts, and only for their codes`()
        throws
    {
        let data = #"{"retry":{"attempts":3,"delay":"1s","backoff":3,"on":["A"]}}"#
        let graph = try Self.graph(
            Self.text(
                [("s", "start", "{}"), ("a", "noop", data), ("e", "end", "{}")], ["s>a", "a>e"])
        )
        var run = Run(graph)
        run.end("a", .failure(NodeFailure("A", "")))
        #expect(run.machine.waitingUntil == Self.now.advanced(by: .seconds(1)))
        run.decide(.timersFired(delays: Self.now), after: .milliseconds(999))
        #expect(run.bodies.isEmpty)
        run.decide(.timersFired(delays: Self.now), after: .seconds(1))
        #expect(run.bodies.map(\.attempt) == [2])
        let second = run.bodies.removeFirst()
        run.decide(
            .bodyEnded(node: second.node, attempt: 2, .failure(NodeFailure("A", ""))),
            after: .seconds(1))
        #expect(run.machine.waitingUntil == Self.now.advanced(by: .seconds(4)))
        run.decide(.timersFired(delays: Self.now), after: .seconds(4))
        run.end("a", .failure(NodeFailure("A", "")))
        #expect(run.machine.status == .failed)

        var other = Run(graph)
        other.end("a", .failure(NodeFailure("B", "")))
        #expect(other.machine.status == .failed)
    }

    @Test func `an error is routed, or made an output, as the node says`() throws {
        let routed = try Self.graph(
            Self.text(
                [
                    ("s", "start", "{}"), ("a", "noop", #"{"onError":"route"}"#),
                    ("h", "end", "{}"), ("e", "end", "{}"),
                ], ["s>a", "a>e", "a/error>h"]))
        var run = Run(routed)
        run.end("a", .failure(NodeFailure("A", "m", detailsJSON: "[1]")))
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON == #"{"code":"A","message":"m","details":[1]}"#)
        #expect(run.status("e") == .skipped)

        let continued = try Self.graph(
            Self.text(
                [
                    ("s", "start", "{}"), ("a", "noop", #"{"onError":"continue"}"#),
                    ("e", "end", "{}"),
                ], ["s>a", "a>e"]))
        var other = Run(continued)
        other.end("a", .failure(NodeFailure("A", "m")))
        #expect(other.machine.outputJSON == #"{"code":"A","message":"m"}"#)
    }

    private static let approvals = text(
        [
            ("s", "start", "{}"), ("p", "approval", "{}"), ("q", "approval", "{}"),
            ("w", "noop", "{}"), ("e", "end", "{}"),
        ], ["s>p", "s>q", "s>w", "p>e", "q>e", "w>e"])

    @Test func `it is suspended only when nothing else is active`() throws {
        var run = Run(try Self.graph(Self.approvals))
        #expect(run.machine.status == .running)
        #expect(run.machine.interrupts.map(\.id) == ["p#1", "q#1"])
        run.end("w")
        #expect(run.machine.status == .suspended)
        #expect(
            run.decide(.respond(InterruptResponse(decision: .approve)))
                == .ambiguous(["p#1", "q#1"]))
        #expect(
            run.decide(.respond(InterruptResponse(interruptID: "z#1", decision: .approve)))
                == .interruptUnknown("z#1"))
        run.decide(.respond(InterruptResponse(interruptID: "q#1", decision: .approve)))
        #expect(run.machine.status == .suspended)
        #expect(
            run.decide(.respond(InterruptResponse(interruptID: "q#1", decision: .reject)))
                == .interruptClosed("q#1"))
        run.decide(.respond(InterruptResponse(decision: .approve)))
        #expect(run.machine.status == .completed)
    }

    @Test func `a reject without an edge closes the other interrupts in the same decision`() throws
    {
        var run = Run(try Self.graph(Self.approvals))
        run.decide(
            .respond(
                InterruptResponse(
                    interruptID: "p#1", decision: .reject, reason: "no", respondedBy: "ann")))
        #expect(run.machine.status == .failed)
        #expect(run.machine.reason == .rejected)
        #expect(run.machine.endedBy == "ann")
        #expect(run.machine.interrupts.isEmpty)
        #expect(run.status("w") == .cancelled)
    }

    @Test(arguments: [
        ("approve", ExecutionStatus.completed, ExecutionReason.unspecified),
        ("reject", .failed, .rejected), ("fail", .failed, .timedOut),
        ("route", .completed, .unspecified),
    ])
    func `a deadline takes its action`(
        _ action: String, _ status: ExecutionStatus, _ reason: ExecutionReason
    ) throws {
        let data = #"{"deadline":"1h","onDeadline":"\#(action)"}"#
        let edges = ["s>p", "p>e"] + (action == "route" ? ["p/deadline>e"] : [])
        var run = Run(
            try Self.graph(
                Self.text(
                    [("s", "start", "{}"), ("p", "approval", data), ("e", "end", "{}")], edges)
            ))
        #expect(run.machine.status == .suspended)
        #expect(run.machine.wakeAt == Self.now.advanced(by: .seconds(3_600)))
        run.decide(.timersFired(delays: Self.now), after: .seconds(3_599))
        #expect(run.machine.status == .suspended)
        run.decide(.timersFired(delays: Self.now), after: .seconds(3_600))
        #expect(run.machine.status == status)
        #expect(run.machine.reason == reason)
    }

    enum Rival: Sendable {
        case cancel, respond, deadline

        var command: ExecutionCommand {
            switch self {
            case .cancel: .cancel(by: "a", reason: "")
            case .respond: .respond(InterruptResponse(decision: .approve))
            case .deadline: .timersFired(delays: ExecutionMachineTests.now)
            }
        }
    }

    /// What the first did stands; the others are refused, or, as a cancel of what goes on after the
    /// answer, do what they always do.
    @Test(
        arguments: [
            ([.cancel, .respond, .deadline], .cancelled, true),
            ([.cancel, .deadline, .respond], .cancelled, true),
            ([.respond, .cancel, .deadline], .cancelled, false),
            ([.respond, .deadline, .cancel], .cancelled, false),
            ([.deadline, .cancel, .respond], .failed, true),
            ([.deadline, .respond, .cancel], .failed, true),
        ] as [([Rival], ExecutionStatus, Bool)])
    func `the first of cancel, respond and deadline decides, in every order`(
        order: [Rival], end: ExecutionStatus, isEndAtOnce: Bool
    ) throws {
        var run = Run(
            try Self.graph(
                Self.text(
                    [
                        ("s", "start", "{}"), ("p", "approval", #"{"deadline":"1h"}"#),
                        ("n", "noop", "{}"), ("e", "end", "{}"),
                    ], ["s>p", "p>n", "n>e"])))
        let first = run.decide(order[0].command, after: .seconds(3_600))
        #expect(first == nil)
        #expect(run.machine.status == (isEndAtOnce ? end : .running))
        #expect((run.status("p") == .completed) == (order[0] == .respond))
        for rival in order.dropFirst() {
            let status = run.machine.status
            let count = run.journal.count
            let refusal = run.decide(rival.command, after: .seconds(3_600))
            if status.isEnd {
                #expect(refusal == .final(end))
                #expect(run.journal.count == count)
            } else if rival == .deadline {
                #expect(run.machine.status == .running)
                #expect(run.journal.count == count)
            }
        }
        #expect(run.machine.status == end)
        #expect(run.journal.map(\.sequence) == Array(1...Int64(run.journal.count)))
    }

    @Test func `a journal that reaches its limit fails the execution and still ends`() throws {
        var limits = Limits()
        limits.journalEventsMax = 16
        var run = Run(try Self.graph(Self.diamond), limits: limits)
        for id in ["a", "b", "j"] { run.end(id) }
        #expect(run.machine.status == .failed)
        #expect(run.machine.error?.code == "JOURNAL_TOO_LARGE")
        #expect(run.journal.count <= 16)
    }

    /// Random graphs, results and crashes: folding the journal gives the state that wrote it, and no
    /// recorded step runs again.
    @Test(arguments: 0..<150)
    func `folding a journal at any point gives the live state`(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        let graph = try Self.graph(Self.randomGraph(&random))
        var run = Run(graph)
        var completed: Set<String> = []
        var steps = 0
        while !run.machine.status.isEnd, steps < 400 {
            steps += 1
            var folded = ExecutionMachine(graph: graph, limits: Limits())
            for event in run.journal { folded.apply(event) }
            #expect(folded.execution == run.machine.execution, "seed \(seed)")
            #expect(folded.frame.nodes == run.machine.frame.nodes, "seed \(seed)")
            #expect(run.machine.hasNextWakeUp, "seed \(seed)")
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                run.machine = folded
                run.bodies = []
                run.decide(.recovered(running: []))
            case 1 where !run.machine.interrupts.isEmpty:
                let interrupt = run.machine.interrupts[0]
                run.decide(
                    .respond(
                        InterruptResponse(
                            interruptID: interrupt.id, decision: .approve, dataJSON: "1")))
            case 2 where steps % 16 == 0: run.decide(.cancel(by: "a", reason: "r"))
            case 2:
                run.decide(.timersFired(delays: Self.now), after: .seconds(Int64(steps) * 7_200))
            default:
                guard let start = run.bodies.randomElement(using: &random) else { continue }
                let fails = Int.random(in: 0..<8, using: &random) == 0
                run.end(
                    start.path.description,
                    fails ? .failure(NodeFailure("A", "m")) : .success("\(steps)"))
            }
        }
        for event in run.journal {
            if case .nodeCompleted(let done) = event.kind {
                #expect(completed.insert(done.nodePath).inserted, "seed \(seed)")
            }
            if case .nodeStarted(let started) = event.kind {
                #expect(!completed.contains(started.nodePath), "seed \(seed)")
            }
        }
    }

    private static func randomGraph(_ random: inout SeededRandom) -> String {
        let count = Int.random(in: 1...9, using: &random)
        var nodes = [("s", "start", "{}")]
        var edges: [String] = []
        for index in 1...count {
            let kinds = [
                ("noop", "{}"), ("noop", #"{"retry":{"attempts":2,"delay":"1h"}}"#),
                ("noop", #"{"onError":"continue"}"#), ("wait", #"{"duration":"2h"}"#),
                ("approval", "{}"), ("ask", "{}"), ("if", #"{"condition":true}"#),
                ("log", #"{"message":"m"}"#),
            ]
            let kind = kinds[Int.random(in: 0..<kinds.count, using: &random)]
            nodes.append(("n\(index)", kind.0, kind.1))
            var sources: Set<Int> = []
            for _ in 0...Int.random(in: 0...2, using: &random) {
                sources.insert(Int.random(in: 0..<index, using: &random))
            }
            for source in sources.sorted() {
                let name = source == 0 ? "s" : "n\(source)"
                let isChoice = nodes[source].1 == "if"
                let handle = isChoice ? (Bool.random(using: &random) ? "/true" : "/false") : ""
                edges.append("\(name)\(handle)>n\(index)")
            }
        }
        return text(nodes, edges)
    }
}

/// A generator that gives the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state = state &+ 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
