@testable import Engine
import Expressions
import JSON
import Messages
import Model
import Store
import Testing

/// Nodes whose work goes on outside, as values.
@Suite struct DelegationTests {
    private static let now = WallTime(microseconds: 1_800_000_000_000_000)

    /// A kind whose rows can be recognized.
    private struct OutsideNode: DelegatingKind {
        static let name = "outside"

        init(_ fields: inout NodeFields) {}

        var handles: HandleRule { .plain }

        func step(_ node: NodeContext) -> NodeStep {
            .delegate(
                Delegation(kind: .task, reference: "mail") { attempt in
                    [.deleteInbox(Int64(attempt.attempt))]
                })
        }

        func withdraw(_ attempt: DelegatedAttempt) -> [Change] {
            [.deleteInbox(-Int64(attempt.attempt))]
        }
    }

    /// start → outside → end, with the settings in `data`.
    private static func graph(_ data: String = "{}") throws -> WorkflowGraph {
        let value = try JSONValue(parsing: data)
        var fields = NodeFields(value.objectValue ?? JSONObject(), at: .root, nodeID: "job")
        let settings = NodeSettings(&fields)
        let none = try CompiledData(compiling: .object(JSONObject()))
        var empty = NodeFields(JSONObject(), at: .root, nodeID: "")
        var nodes = [
            WorkflowGraph.Node(
                id: "start", name: "start", kind: "start", settings: NodeSettings(),
                action: StartNode(&empty), data: none),
            WorkflowGraph.Node(
                id: "job", name: "job", kind: "outside", settings: settings,
                action: OutsideNode(&empty), data: none),
            WorkflowGraph.Node(
                id: "end", name: "end", kind: "end", settings: NodeSettings(),
                action: EndNode(&empty), data: none),
        ]
        nodes[0].outgoing = [0]
        nodes[1].incoming = [0]
        nodes[1].outgoing = [1]
        nodes[2].incoming = [1]
        return WorkflowGraph(
            id: "", name: "", nodes: nodes,
            edges: [
                WorkflowGraph.Edge(source: 0, handle: "", target: 1),
                WorkflowGraph.Edge(source: 1, handle: "", target: 2),
            ], start: 0)
    }

    private static func ids(_ changes: [Change]) -> [Int64] {
        changes.compactMap { if case .deleteInbox(let id) = $0 { id } else { nil } }
    }

    private static func run(_ graph: WorkflowGraph) -> (ExecutionMachine, ExecutionDecision) {
        ExecutionMachine.created(
            ExecutionCreated(id: "e", number: 1, workspaceID: "w", inputJSON: "7"), graph: graph,
            limits: Limits(), starts: true, at: now)
    }

    private static func ended(
        _ attempt: Int32, _ error: ExecutionError? = nil, retryable: Bool = true
    )
        -> ExecutionCommand
    {
        .delivered(
            InboxMessage(
                kind: .taskEnded(
                    TaskEnded(
                        nodePath: "job", attempt: attempt, outputJSON: "5", error: error,
                        retryable: retryable))))
    }

    @Test func `its rows go with its start, and it rests without anybody here`() throws {
        let (machine, decision) = Self.run(try Self.graph())
        #expect(Self.ids(decision.changes) == [1])
        #expect(machine.status == .running)
        #expect(machine.isResting)
        #expect(machine.waitingUntil == nil)
        #expect(machine.wakeAt == nil)
        #expect(machine.nextWakeUp == "a worker for 'mail' at the node 'job'")
        var folded = ExecutionMachine(graph: machine.graph, limits: Limits())
        for event in decision.events { folded.apply(event) }
        #expect(folded.frame == machine.frame)
        #expect(folded.execution == machine.execution)
        // A crash did not cut it off.
        #expect(folded.decide(.recovered(running: []), at: Self.now).events.isEmpty)
    }

    @Test func `a message ends it once; what comes later or for another attempt is stale`() throws {
        var (machine, _) = Self.run(try Self.graph())
        #expect(machine.decide(Self.ended(2), at: Self.now).refusal == .stale)
        let decision = machine.decide(Self.ended(1), at: Self.now)
        #expect(decision.refusal == nil)
        #expect(Self.ids(decision.changes) == [])
        #expect(machine.status == .completed)
        #expect(machine.outputJSON == "5")
        #expect(machine.decide(Self.ended(1), at: Self.now).refusal == .final(.completed))
        #expect(machine.dropped == 2)
    }

    @Test func `a failure is tried again unless it says not to`() throws {
        let graph = try Self.graph(#"{"retry":{"attempts":3,"delay":"1s"}}"#)
        var (machine, _) = Self.run(graph)
        let error = ExecutionError(code: "A", message: "m")
        _ = machine.decide(Self.ended(1, error), at: Self.now)
        #expect(machine.waitingUntil == Self.now.advanced(by: .seconds(1)))
        let again = machine.decide(
            .timersFired(delays: Self.now), at: Self.now.advanced(by: .seconds(1)))
        #expect(Self.ids(again.changes) == [2])
        _ = machine.decide(Self.ended(2, error, retryable: false), at: Self.now)
        #expect(machine.status == .failed)
        #expect(machine.error?.code == "A")
    }

    @Test func `its time-out is a timer, which withdraws it`() throws {
        var (machine, _) = Self.run(try Self.graph(#"{"timeout":"1h"}"#))
        #expect(machine.wakeAt == Self.now.advanced(by: .seconds(3_600)))
        #expect(machine.nextWakeUp.contains("or a timer at"))
        let decision = machine.decide(
            .timersFired(delays: Self.now), at: Self.now.advanced(by: .seconds(3_600)))
        #expect(Self.ids(decision.changes) == [-1])
        #expect(machine.reason == .timedOut)
    }

    @Test func `a cancel withdraws it in the same commit`() throws {
        var (machine, _) = Self.run(try Self.graph())
        let decision = machine.decide(.cancel(by: "a", reason: ""), at: Self.now)
        #expect(Self.ids(decision.changes) == [-1])
        #expect(machine.status == .cancelled)
    }

    @Test func `progress is an event and changes nothing`() throws {
        var (machine, _) = Self.run(try Self.graph())
        let decision = machine.decide(
            .delivered(
                InboxMessage(
                    kind: .taskProgressed(
                        TaskProgressed(nodePath: "job", attempt: 1, dataJSON: "50")))),
            at: Self.now)
        guard case .nodeProgressed(let event)? = decision.events.first?.kind else {
            Issue.record("expected progress, got \(decision.events)")
            return
        }
        #expect(event.dataJSON == "50")
        #expect(machine.isResting)
    }

    @Test func `a child's end tells the parent in its own commit`() throws {
        let (machine, decision) = ExecutionMachine.created(
            ExecutionCreated(
                id: "c", number: 2, inputJSON: "7", parentNumber: 1, parentNodePath: "call",
                parentWaits: true),
            graph: try Self.noopless(), limits: Limits(), starts: true, at: Self.now)
        #expect(machine.status == .completed)
        guard case .insertInbox(let row)? = decision.changes.first,
            case .childEnded(let ended)? = row.message?.kind
        else {
            Issue.record("expected a message, got \(decision.changes)")
            return
        }
        #expect(row.recipient.rawValue == 1)
        #expect(ended.nodePath == "call")
        #expect(ended.outputJSON == "7")
    }

    private static func noopless() throws -> WorkflowGraph {
        let text = #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"e"}]}
            """#
        return try #require(WorkflowCompiler.compile(text, limits: Limits()).graph)
    }
}
