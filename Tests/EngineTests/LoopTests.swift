import JSON
import Messages
import Model
import Testing

@testable import Engine

/// `foreach` as a value: how bodies begin, end, fail and are folded.
@Suite struct LoopTests {
    /// start → each (with a body of one `noop`, and an `end`) → end.
    private static func loop(_ data: String = "", body: String = noop) -> String {
        #"""
        {"nodes":[{"id":"s","type":"start"},{"id":"each","type":"foreach","data":{
        "items":"${ .input }"\#(data.isEmpty ? "" : "," + data),"body":\#(body)}},
        {"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"each"},{"source":"each","target":"e"}]}
        """#
    }

    private static let noop = #"""
        {"nodes":[{"id":"s","type":"start"},{"id":"work","type":"noop"},{"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"work"},{"source":"work","target":"e"}]}
        """#

    private static func body(_ node: String) -> String {
        #"""
        {"nodes":[{"id":"s","type":"start"},\#(node),{"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"x"},{"source":"x","target":"e"}]}
        """#
    }

    @Test func `bodies run at most so many at a time, and outputs are in the order of the items`()
        throws
    {
        var run = try MachineRun(Self.loop(#""concurrency":2"#), input: "[10,20,30]")
        #expect(run.open == ["each[0].work", "each[1].work"])
        run.checkFolding()
        run.end("each[1].work", .success(#""b""#))
        #expect(run.open == ["each[0].work", "each[2].work"])
        run.end("each[2].work", .success(#""c""#))
        run.checkFolding()
        // Without an output of its own a body yields its input: the item.
        run.end("each[0].work")
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON == #"[10,"b","c"]"#)
        #expect(run.framesMax == 2)
        #expect(run.machine.bodies.isEmpty && run.machine.nests.isEmpty)
        #expect(run.machine.tally == GraphFrame.Tally())
        run.checkFolding()
    }

    @Test func `no items yield an empty array, and what is no array is an error`() throws {
        #expect(try MachineRun(Self.loop(), input: "[]").machine.outputJSON == "[]")
        let run = try MachineRun(Self.loop(), input: "{}")
        #expect(run.machine.error?.code == "ITEMS_NOT_ARRAY")
        var limits = Limits()
        limits.loopItemsMax = 2
        let long = try MachineRun(Self.loop(), input: "[1,2,3]", limits: limits)
        #expect(long.machine.error?.code == "LOOP_TOO_LARGE")
    }

    @Test func `a body sees its item and index, and the nodes around it`() throws {
        let run = try MachineRun(
            Self.loop(
                body: Self.body(
                    #"{"id":"x","type":"set","data":{"value":"${ .nodes.s.output }"}}"#)),
            input: "[[1],[2]]")
        #expect(run.machine.outputJSON == "[[1],[2]]")
        let inner = #"""
            {"id":"x","type":"foreach","data":{"items":"${ .item }","body":
            \#(Self.body(#"{"id":"x","type":"set","data":{"value":"${ .index }"}}"#))}}
            """#
        var nested = try MachineRun(Self.loop(body: Self.body(inner)), input: "[[7,7],[7]]")
        #expect(nested.machine.outputJSON == "[[0,1],[0]]")
        nested.checkFolding()
        let outer = try MachineRun(
            Self.loop(
                body: Self.body(#"{"id":"x","type":"set","data":{"value":"${ .nodes.each }"}}"#)),
            input: "[1]")
        #expect(outer.machine.outputJSON == "[null]")
        nested = try MachineRun(
            #"""
            {"nodes":[{"id":"s","type":"start"},
            {"id":"a","type":"set","data":{"value":{"k":5}}},
            {"id":"each","type":"foreach","data":{"items":[1,2],"body":
            \#(Self.body(#"{"id":"x","type":"set","data":{"value":"${ .nodes.a.output.k }"}}"#))}},
            {"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"a"},{"source":"a","target":"each"},
            {"source":"each","target":"e"}]}
            """#)
        #expect(nested.machine.outputJSON == "[5,5]")
    }

    @Test func `the first item that fails cancels the others and fails the node`() throws {
        var run = try MachineRun(Self.loop(), input: "[1,2,3]")
        run.end("each[1].work", .failure(NodeFailure("BOOM", "no")))
        #expect(run.machine.status == .failed)
        #expect(run.machine.error?.code == "BOOM")
        #expect(run.machine.error?.nodePath == "each[1].work")
        #expect(run.open == [])
        #expect(run.events("each[0].work") == ["started 1", "cancelled"])
        #expect(run.events("each").suffix(2) == ["ended 1 BOOM", "failed BOOM"])
        #expect(run.machine.tally == GraphFrame.Tally())
        run.checkFolding()
    }

    @Test func `collecting, every item's output or error is in the output`() throws {
        var run = try MachineRun(Self.loop(#""onItemError":"collect""#), input: "[1,2]")
        run.end("each[0].work", .failure(NodeFailure("BOOM", "no")))
        #expect(run.machine.status == .running)
        run.end("each[1].work", .success("5"))
        #expect(
            run.machine.outputJSON
                == #"[{"error":{"code":"BOOM","message":"no"}},{"output":5}]"#)
        run.checkFolding()
    }

    @Test func `a loop that is tried again begins anew, and its attempts go on counting`() throws {
        var run = try MachineRun(
            Self.loop(#""retry":{"attempts":2,"delay":"1s"}"#), input: "[1,2]")
        run.end("each[0].work", .failure(NodeFailure("BOOM", "no")))
        #expect(run.machine.status == .running)
        #expect(run.machine.waitingUntil == MachineRun.now.advanced(by: .seconds(1)))
        run.checkFolding()
        run.decide(.timersFired(delays: MachineRun.now), after: .seconds(1))
        #expect(run.open == ["each[0].work", "each[1].work"])
        #expect(run.bodies.map(\.attempt) == [2, 2])
        run.checkFolding()
        // What an attempt of before brings is not taken for the new one's.
        let node = run.bodies[0].node
        #expect(run.decide(.bodyEnded(node: node, attempt: 1, .success("1"))) == .stale)
        run.end("each[0].work", .failure(NodeFailure("BOOM", "no")))
        #expect(run.machine.status == .failed)
    }

    @Test func `a node of a body has its own attempts, also in a loop that is tried again`() throws
    {
        let retrying = Self.body(
            #"{"id":"x","type":"noop","data":{"retry":{"attempts":2,"delay":"1s"}}}"#)
        var run = try MachineRun(
            Self.loop(#""retry":{"attempts":2,"delay":"1s"}"#, body: retrying), input: "[1]")
        for second in 1...3 {
            run.end("each[0].x", .failure(NodeFailure("BOOM", "no")))
            #expect(run.machine.status == .running)
            run.decide(.timersFired(delays: MachineRun.now), after: .seconds(10 * second))
        }
        run.end("each[0].x", .failure(NodeFailure("BOOM", "no")))
        #expect(run.machine.status == .failed)
        #expect(
            run.events("each[0].x").filter { $0.hasPrefix("started") }
                == ["started 1", "started 2", "started 3", "started 4"])
        run.checkFolding()
    }

    @Test func `what a loop's time-out cuts off is cancelled, and its error is routed`() throws {
        let definition = #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"each","type":"foreach","data":{
            "items":"${ .input }","timeout":"10s","onError":"route","body":\#(
                Self.body(#"{"id":"x","type":"approval","data":{}}"#))}},
            {"id":"e","type":"end"},{"id":"late","type":"end"}],
            "edges":[{"source":"s","target":"each"},{"source":"each","target":"e"},
            {"source":"each","sourceHandle":"error","target":"late"}]}
            """#
        var run = try MachineRun(definition, input: "[1,2]")
        #expect(run.machine.status == .suspended)
        #expect(run.machine.wakeAt == MachineRun.now.advanced(by: .seconds(10)))
        #expect(run.machine.interrupts.map(\.id) == ["each[0].x#1", "each[1].x#1"])
        run.checkFolding()
        run.decide(.timersFired(delays: MachineRun.now), after: .seconds(10))
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON.contains("NODE_TIMED_OUT"))
        run.checkFolding()
    }

    @Test func `an interrupt of a body is answered by its path, once`() throws {
        var run = try MachineRun(
            Self.loop(body: Self.body(#"{"id":"x","type":"ask","data":{}}"#)), input: "[1,2]")
        let answer = InterruptResponse(interruptID: "each[1].x#1", dataJSON: "9", respondedBy: "a")
        #expect(run.decide(.respond(answer)) == nil)
        #expect(run.decide(.respond(answer)) == .interruptClosed("each[1].x#1"))
        let none = InterruptResponse(interruptID: "each[7].y#1", dataJSON: "9")
        #expect(run.decide(.respond(none)) == .interruptUnknown("each[7].y#1"))
        // Only one is open: no id is needed.
        #expect(run.decide(.respond(InterruptResponse(dataJSON: "8"))) == nil)
        #expect(run.machine.outputJSON == "[8,9]")
        run.checkFolding()
    }

    @Test func `a reject in a body fails the execution as one outside does`() throws {
        var run = try MachineRun(
            Self.loop(body: Self.body(#"{"id":"x","type":"approval","data":{}}"#)), input: "[1,2]")
        run.decide(
            .respond(
                InterruptResponse(
                    interruptID: "each[0].x#1", decision: .reject, reason: "no", respondedBy: "a")))
        #expect(run.machine.reason == .rejected)
        #expect(run.machine.endedBy == "a")
        #expect(run.machine.interrupts.isEmpty)
        run.checkFolding()
    }

    @Test func `a cancel reaches what goes on in bodies of bodies`() throws {
        let inner = #"""
            {"id":"x","type":"foreach","data":{"items":[1,2],"body":\#(Self.noop)}}
            """#
        var run = try MachineRun(Self.loop(body: Self.body(inner)), input: "[1,2]")
        #expect(run.open.count == 4)
        run.checkFolding()
        run.decide(.cancel(by: "a", reason: ""))
        #expect(run.open == [])
        #expect(run.machine.status == .cancelled)
        #expect(run.events("each[1].x[0].work") == ["started 1", "cancelled"])
        #expect(run.events("each[1].x").last == "cancelled")
        #expect(run.machine.tally == GraphFrame.Tally())
        run.checkFolding()
    }

    @Test func `attempts of a body that a crash cut off run again`() throws {
        var run = try MachineRun(Self.loop(#""concurrency":2"#), input: "[1,2,3]")
        run.end("each[0].work")
        run.machine = run.folded
        run.bodies = []
        run.decide(.recovered(running: []))
        #expect(run.open.sorted() == ["each[1].work", "each[2].work"])
        #expect(run.bodies.map(\.attempt) == [2, 2])
        run.end("each[1].work")
        run.end("each[2].work")
        #expect(run.machine.outputJSON == "[1,2,3]")
        run.checkFolding()
    }

    @Test func `ten thousand items end with as many frames as run at a time`() throws {
        let items = "[" + (0..<10_000).map(String.init).joined(separator: ",") + "]"
        let body = Self.body(#"{"id":"x","type":"set","data":{"value":"${ .item }"}}"#)
        let run = try MachineRun(Self.loop(#""concurrency":5"#, body: body), input: items)
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON == items)
        #expect(run.framesMax <= 5)
        #expect(run.machine.bodies.isEmpty && run.machine.bodyIDs.isEmpty)
        #expect(run.journal.count < 100_000)
        #expect(run.folded.execution == run.machine.execution)
    }

    @Test func `loops within loops take turns where too many bodies are at work`() throws {
        var limits = Limits()
        limits.bodiesMax = 4
        let inner = #"""
            {"id":"x","type":"foreach","data":{"items":[1,2,3],"body":\#(Self.noop)}}
            """#
        var run = try MachineRun(
            Self.loop(body: Self.body(inner)), input: "[1,2,3]", limits: limits)
        while let path = run.open.first {
            #expect(run.machine.bodies.count <= 7)
            run.checkFolding()
            run.end(path)
        }
        #expect(run.machine.outputJSON == "[[1,2,3],[1,2,3],[1,2,3]]")
    }

    @Test func `outputs that grow too large end the loop before all are held`() throws {
        var limits = Limits()
        limits.nodeOutputBytesMax = 64
        var run = try MachineRun(Self.loop(#""concurrency":1"#), input: "[1,2,3]", limits: limits)
        let large = "\"" + String(repeating: "x", count: 40) + "\""
        run.end("each[0].work", .success(large))
        run.end("each[1].work", .success(large))
        #expect(run.machine.error?.code == "OUTPUT_TOO_LARGE")
        run.checkFolding()
    }
}
