import JSON
import Messages
import Model
import Testing

@testable import Engine

/// `try` as a value: what is caught by whom, and what runs at last.
@Suite struct TryTests {
    private static func body(_ node: String) -> String {
        #"""
        {"nodes":[{"id":"s","type":"start"},\#(node),{"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"x"},{"source":"x","target":"e"}]}
        """#
    }

    private static let noop = body(#"{"id":"x","type":"noop"}"#)

    private static func text(_ data: String) -> String {
        #"""
        {"nodes":[{"id":"s","type":"start"},{"id":"t","type":"try","data":{"body":\#(noop),\#(data)}},
        {"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"t"},{"source":"t","target":"e"}]}
        """#
    }

    private static func caught(_ codes: String = "") -> String {
        #"""
        "catch":[{"on":["OTHER"],"body":\#(body(#"{"id":"x","type":"fail"}"#))},
        {\#(codes)"body":\#(body(#"{"id":"x","type":"set","data":{"value":"${ .error.code }"}}"#))}]
        """#
    }

    private static let boom = Result<String, NodeFailure>.failure(
        NodeFailure("BOOM", "no", detailsJSON: #"{"n":1}"#))

    @Test func `what goes well is the output`() throws {
        var run = try MachineRun(Self.text(Self.caught()))
        #expect(run.open == ["t.try.x"])
        run.checkFolding()
        run.end("t.try.x", .success("5"))
        #expect(run.machine.outputJSON == "5")
        run.checkFolding()
    }

    @Test func `the first clause for the code runs, with the error as its input`() throws {
        var run = try MachineRun(Self.text(Self.caught()))
        run.end("t.try.x", Self.boom)
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON == #""BOOM""#)
        #expect(run.events("t").contains("body 1"))
        run.checkFolding()
        let body = Self.body(#"{"id":"x","type":"noop"}"#)
        var input = try MachineRun(Self.text(#""catch":[{"body":\#(body)}]"#))
        input.end("t.try.x", Self.boom)
        #expect(input.open == ["t.catch[0].x"])
        input.end("t.catch[0].x")
        #expect(
            input.machine.outputJSON == #"{"code":"BOOM","message":"no","details":{"n":1}}"#)
    }

    @Test func `what no clause catches fails the node with its own error`() throws {
        var run = try MachineRun(Self.text(Self.caught(#""on":["ELSE"],"#)))
        run.end("t.try.x", Self.boom)
        #expect(run.machine.error?.code == "BOOM")
        #expect(run.machine.error?.nodePath == "t.try.x")
        run.checkFolding()
    }

    @Test(arguments: ["well", "caught", "failed"])
    func `finally runs at last, whatever happened, and changes no result`(_ way: String) throws {
        let clause = way == "caught" ? "," + Self.caught() : ""
        var run = try MachineRun(Self.text(#""finally":\#(Self.noop)\#(clause)"#))
        run.end("t.try.x", way == "well" ? .success("5") : Self.boom)
        #expect(run.open == ["t.finally.x"])
        #expect(run.machine.status == .running)
        run.checkFolding()
        run.end("t.finally.x", .success(#""not this""#))
        switch way {
        case "well": #expect(run.machine.outputJSON == "5")
        case "caught": #expect(run.machine.outputJSON == #""BOOM""#)
        default: #expect(run.machine.error?.code == "BOOM")
        }
        run.checkFolding()
    }

    @Test func `an error of a clause, or of finally, is the node's`() throws {
        var run = try MachineRun(
            Self.text(#""catch":[{"body":\#(Self.noop)}],"finally":\#(Self.noop)"#))
        run.end("t.try.x", Self.boom)
        run.end("t.catch[0].x", .failure(NodeFailure("AGAIN", "no")))
        #expect(run.open == ["t.finally.x"])
        run.end("t.finally.x", .failure(NodeFailure("LAST", "no")))
        #expect(run.machine.error?.code == "LAST")
        run.checkFolding()
    }

    @Test func `a reject is caught by its code`() throws {
        let definition = #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"t","type":"try","data":{
            "body":\#(Self.body(#"{"id":"x","type":"approval","data":{}}"#)),
            "catch":[{"on":["REJECTED"],"body":\#(Self.body(#"{"id":"x","type":"set","data":{"value":1}}"#))}]
            }},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"t"},{"source":"t","target":"e"}]}
            """#
        var run = try MachineRun(definition)
        #expect(run.machine.interrupts.map(\.id) == ["t.try.x#1"])
        run.decide(.respond(InterruptResponse(decision: .reject, respondedBy: "a")))
        #expect(run.machine.status == .completed)
        #expect(run.machine.outputJSON == "1")
        run.checkFolding()
    }

    @Test func `a crash in a clause runs its node again, and nothing before it`() throws {
        var run = try MachineRun(Self.text(#""catch":[{"body":\#(Self.noop)}]"#))
        run.end("t.try.x", Self.boom)
        run.machine = run.folded
        run.bodies = []
        run.decide(.recovered(running: []))
        #expect(run.open == ["t.catch[0].x"])
        run.end("t.catch[0].x", .success("3"))
        #expect(run.machine.outputJSON == "3")
        run.checkFolding()
    }

    @Test func `a try that is tried again, with a loop within, counts on`() throws {
        let loop = #"""
            {"id":"x","type":"foreach","data":{"items":[1,2],"body":\#(Self.noop)}}
            """#
        let definition = #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"t","type":"try","data":{
            "retry":{"attempts":2,"delay":"1s"},"body":\#(Self.body(loop)),"finally":\#(Self.noop)
            }},{"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"t"},{"source":"t","target":"e"}]}
            """#
        var run = try MachineRun(definition)
        run.end("t.try.x[0].x", Self.boom)
        run.end("t.finally.x")
        run.checkFolding()
        run.decide(.timersFired(delays: MachineRun.now), after: .seconds(1))
        #expect(run.open == ["t.try.x[0].x", "t.try.x[1].x"])
        #expect(run.bodies.map(\.attempt) == [2, 2])
        run.end("t.try.x[1].x")
        run.end("t.try.x[0].x")
        run.end("t.finally.x")
        #expect(run.machine.outputJSON == "[1,2]")
        run.checkFolding()
    }
}
