import JSON
import Messages
import Model
import Store
import Testing

@testable import Engine
@testable import Expressions

/// A machine with its journal and what it waits for; expressions that are paths are evaluated at once.
struct MachineRun {
    static let now = WallTime(microseconds: 1_800_000_000_000_000)

    var machine: ExecutionMachine
    var journal: [ExecutionEvent] = []
    var bodies: [BodyStart] = []
    var changes: [Change] = []
    /// The most bodies that were at work at the same time.
    private(set) var framesMax = 0
    private let limits: Limits

    static func graph(_ definition: String) throws -> WorkflowGraph {
        let result = WorkflowCompiler.compile(definition, limits: Limits())
        #expect(result.faults == [])
        return try #require(result.graph)
    }

    init(_ definition: String, input: String = "7", limits: Limits = Limits()) throws {
        let header = ExecutionCreated(
            id: "e", number: 1, workspaceID: "w", triggeredBy: "t", inputJSON: input)
        self.limits = limits
        let (machine, decision) = ExecutionMachine.created(
            header, graph: try Self.graph(definition), limits: limits, starts: true, at: Self.now)
        self.machine = machine
        for command in take(decision) { decide(command) }
    }

    @discardableResult
    mutating func decide(_ command: ExecutionCommand, after: Duration = .zero)
        -> ExecutionRefusal?
    {
        let decision = machine.decide(command, at: Self.now.advanced(by: after))
        var rest = take(decision)[...]
        while let next = rest.popFirst() {
            rest += take(machine.decide(next, at: Self.now.advanced(by: after)))
        }
        return decision.refusal
    }

    /// - Returns: what is to be decided next.
    private mutating func take(_ decision: ExecutionDecision) -> [ExecutionCommand] {
        journal += decision.events
        changes += decision.changes
        framesMax = max(framesMax, machine.bodies.count)
        var resolved: [ExecutionCommand] = []
        for effect in decision.effects {
            if case .startBody(let start) = effect {
                bodies.append(start)
            } else if case .stop(let node) = effect {
                bodies.removeAll { $0.node == node }
            } else if case .goOn = effect {
                resolved.append(.goOn)
            } else if case .resolve(let node, let attempt) = effect {
                resolved.append(.resolved(node: node, attempt: attempt, evaluate(node)))
            }
        }
        return resolved
    }

    /// The data of a node whose expressions are paths.
    private func evaluate(_ node: NodeRef) -> Result<JSONText, NodeFailure> {
        let data = machine.definition(node).data
        let bindings = machine.bindings(for: node)
        var members: [String] = []
        for (pointer, expression) in data.expressions {
            guard let path = expression.path, let field = pointer.tokens.first else {
                return .failure(NodeFailure("NO_PATH", "expected a path"))
            }
            do throws(ExpressionError) {
                members.append(#""\#(field)":\#(try path.evaluate(bindings).text)"#)
            } catch {
                return .failure(NodeFailure(error))
            }
        }
        return .success(JSONText(trusted: "{" + members.joined(separator: ",") + "}"))
    }

    mutating func end(_ path: String, _ result: Result<String, NodeFailure> = .success("")) {
        guard let index = bodies.firstIndex(where: { $0.path.description == path }) else {
            Issue.record("nothing is at work at \(path), but at \(open)")
            return
        }
        let start = bodies.remove(at: index)
        decide(.bodyEnded(node: start.node, attempt: start.attempt, result))
    }

    /// Paths at which something is at work.
    var open: [String] { bodies.map(\.path.description) }

    /// What its journal alone says.
    var folded: ExecutionMachine {
        var folded = ExecutionMachine(graph: machine.graph, limits: limits)
        for event in journal { folded.apply(event) }
        return folded
    }

    /// Checks that folding the journal gives the same state.
    func checkFolding(_ comment: Comment? = nil) {
        let folded = folded
        #expect(folded.execution == machine.execution, comment)
        #expect(folded.frame == machine.frame, comment)
        #expect(folded.bodies == machine.bodies, comment)
        #expect(folded.nests == machine.nests, comment)
        #expect(folded.tally == machine.tally, comment)
        #expect(folded.hasDecisions == machine.hasDecisions, comment)
        #expect(machine.hasNextWakeUp, comment)
    }

    /// The kinds of events about a path, in order.
    func events(_ path: String) -> [String] {
        journal.compactMap { event in
            switch event.kind {
            case .nodeStarted(let event) where event.nodePath == path: "started \(event.attempt)"
            case .nodeCompleted(let event) where event.nodePath == path: "completed"
            case .nodeFailed(let event) where event.nodePath == path:
                "failed \(event.error?.code ?? "")"
            case .nodeCancelled(let event) where event.nodePath == path: "cancelled"
            case .bodyStarted(let event) where event.nodePath == path: "body \(event.index)"
            case .bodyEnded(let event) where event.nodePath == path:
                "ended \(event.index)" + (event.error.map { " \($0.code)" } ?? "")
            default: nil
            }
        }
    }
}
