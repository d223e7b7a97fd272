import Messages
import Testing

@testable import signalbox

/// The line that a watch keeps below its events.
struct ProgressTests {
    private static func lines(_ kinds: ExecutionEvent.Kind...) -> [String?] {
        var progress = Progress()
        return kinds.map { kind in
            progress.saw(ExecutionEvent(kind: kind))
            return progress.line
        }
    }

    private static func started(_ path: String) -> ExecutionEvent.Kind {
        .nodeStarted(NodeStarted(nodePath: path))
    }

    private static func completed(_ path: String) -> ExecutionEvent.Kind {
        .nodeCompleted(NodeCompleted(nodePath: path))
    }

    @Test func `it says how the execution stands, what is done and what is at work`() {
        let lines = Self.lines(
            .executionCreated(ExecutionCreated()), .executionStarted(ExecutionStarted()),
            Self.started("a"), Self.started("b"), Self.completed("a"), Self.completed("b"),
            .executionSuspended(ExecutionSuspended()), .executionResumed(ExecutionResumed()))
        #expect(
            lines == [
                "queued · 0 nodes done", "running · 0 nodes done", "running · 0 nodes done · a",
                "running · 0 nodes done · a, b", "running · 1 node done · b",
                "running · 2 nodes done", "suspended · 2 nodes done", "running · 2 nodes done",
            ])
    }

    @Test func `a node that is tried again is named once, and one that failed no more`() {
        let lines = Self.lines(
            .executionStarted(ExecutionStarted()), Self.started("a"), Self.started("a"),
            .nodeFailed(NodeFailed(nodePath: "a")))
        #expect(lines.suffix(2) == ["running · 0 nodes done · a", "running · 0 nodes done"])
    }

    @Test func `of many, three are named, and none can move the cursor`() {
        let lines = Self.lines(
            .executionStarted(ExecutionStarted()), Self.started("a\u{1B}[2J"), Self.started("b"),
            Self.started("c"), Self.started("d"), Self.started("e"))
        #expect(lines.last == "running · 0 nodes done · a [2J, b, c and 2 more")
    }

    @Test(arguments: [
        ExecutionEvent.Kind.executionCompleted(ExecutionCompleted()),
        .executionFailed(ExecutionFailed()), .executionCancelled(ExecutionCancelled()),
    ])
    func `at the end it is gone`(end: ExecutionEvent.Kind) {
        let lines = Self.lines(.executionStarted(ExecutionStarted()), Self.started("a"), end)
        #expect(lines.last == .some(nil))
    }
}
