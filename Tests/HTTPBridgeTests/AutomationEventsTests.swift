import JSON
import Messages
import ProtobufRuntime
import Testing

@testable import HTTPBridge

/// What is remembered of executions for a Socket.IO client.
@Suite struct AutomationEventsTests {
    private static func started(_ path: String) -> ExecutionEvent {
        ExecutionEvent(kind: .nodeStarted(NodeStarted(nodePath: path, nodeID: "n", kind: "log")))
    }

    private static func ends(_ path: String) -> [ExecutionEvent.Kind] {
        [
            .nodeCompleted(NodeCompleted(nodePath: path, nodeID: "n")),
            .nodeFailed(NodeFailed(nodePath: path, nodeID: "n")),
            .nodeCancelled(NodeCancelled(nodePath: path, nodeID: "n")),
            .nodeSkipped(NodeSkipped(nodePath: path, nodeID: "n")),
        ]
    }

    /// The kind that the next message of a node names; nil once it is forgotten.
    private static func kind(_ path: String, _ events: AutomationEvents) -> String? {
        var events = events
        let event = ExecutionEvent(
            kind: .nodeFailed(NodeFailed(nodePath: path, nodeID: "n", retryTime: Timestamp())))
        let told = events.messages(1, event).first { $0.name == "node-execution" }
        return told.flatMap { try? JSONValue($0.data)["nodeType"]?.stringValue }
    }

    @Test(arguments: 0..<4)
    func `an execution of any length is remembered by the nodes at work`(end: Int) {
        var events = AutomationEvents()
        _ = events.messages(1, Self.started("long"))
        for index in 0..<100 {
            let path = "each[\(index)].n"
            _ = events.messages(1, Self.started(path))
            #expect(Self.kind(path, events) == "log")
            let told = events.messages(1, ExecutionEvent(kind: Self.ends(path)[end]))
            // Its end is told with its kind.
            #expect(
                told.contains {
                    $0.name == "node-execution" && $0.data.text.contains(#""nodeType":"log""#)
                })
            #expect(Self.kind(path, events) == nil)
            #expect(Self.kind("long", events) == "log")
        }
    }

    @Test func `a node that is tried again keeps its kind`() {
        var events = AutomationEvents()
        _ = events.messages(1, Self.started("n"))
        _ = events.messages(
            1,
            ExecutionEvent(
                kind: .nodeFailed(NodeFailed(nodePath: "n", nodeID: "n", retryTime: Timestamp()))))
        #expect(Self.kind("n", events) == "log")
    }

    @Test func `of what began earlier only the nodes at work are remembered`() {
        var events = AutomationEvents()
        let statuses = [NodeStatus.completed, .running, .failed, .suspended]
        let nodes = statuses.map {
            NodeExecution(nodePath: "\($0)", nodeID: "n", kind: "log", status: $0)
        }
        events.remember(Execution(number: 1, status: .running), nodes)
        #expect(statuses.map { Self.kind("\($0)", events) } == [nil, "log", nil, "log"])
    }
}
