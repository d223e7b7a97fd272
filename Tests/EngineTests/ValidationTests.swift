import Engine
import Messages
import Model
import Testing

/// Definitions in legal and illegal shapes: the right faults, and all of them.
@Suite struct ValidationTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let definition: String
        /// `CODE pointer`, in any order.
        let faults: [String]

        var testDescription: String { name }
    }

    /// A graph `start → x → end` around one node.
    private static func node(
        _ name: String, _ type: String, _ data: String, _ faults: [String] = [],
        edges: String = #"{"source":"x","target":"end"}"#
    ) -> Case {
        Case(
            name: "\(type): \(name)",
            definition: #"""
                {"nodes":[{"id":"start","type":"start"},{"id":"x","type":"\#(type)","data":\#(data)},
                {"id":"end","type":"end"}],"edges":[{"source":"start","target":"x"}\#(
                edges.isEmpty ? "" : ",")\#(edges)]}
                """#, faults: faults.map { $0.replacing("@", with: "/nodes/1/data") })
    }

    private static let trueEdges =
        #"{"source":"x","sourceHandle":"true","target":"end"},{"source":"x","sourceHandle":"false","target":"end"}"#
    private static let body = #"{"nodes":[{"id":"s","type":"start"}]}"#
    private static let caseEdge = #"{"source":"x","sourceHandle":"a","target":"end"}"#

    private static func whole(_ name: String, _ definition: String, _ faults: [String]) -> Case {
        Case(name: name, definition: definition, faults: faults)
    }

    static let wholes: [Case] = [
        whole("no JSON", "{", ["BAD_JSON "]),
        whole("a duplicate member", #"{"nodes":[],"nodes":[]}"#, ["BAD_JSON "]),
        whole("no object", "[]", ["BAD_TYPE "]),
        whole("no nodes", "{}", ["MISSING_FIELD "]),
        whole("nodes of another type", #"{"nodes":{}}"#, ["BAD_TYPE /nodes"]),
        whole("empty", #"{"nodes":[]}"#, ["MISSING_START /nodes"]),
        whole("only a start", #"{"nodes":[{"id":"s","type":"start"}]}"#, []),
        whole(
            "a bad id and name", #"{"id":"a b","name":3,"nodes":[{"id":"s","type":"start"}]}"#,
            ["BAD_ID /id", "BAD_TYPE /name"]),
        whole(
            "what editors add",
            #"""
            {"viewport":{"x":1},"nodes":[{"id":"s","type":"start","position":{"x":0,"y":0},
            "width":3,"selected":true,"data":{"label":"Go"}},{"id":"e","type":"end","data":null}],
            "edges":[{"id":"e1","source":"s","target":"e","sourceHandle":null,"targetHandle":"t",
            "animated":true}]}
            """#, []),
        whole(
            "nodes without id and type", #"{"nodes":[{"id":"s","type":"start"},{},{"id":"x"}]}"#,
            [
                "MISSING_FIELD /nodes/1", "MISSING_FIELD /nodes/1", "MISSING_FIELD /nodes/2",
            ]),
        whole(
            "a node that is no object", #"{"nodes":[{"id":"s","type":"start"},7]}"#,
            ["BAD_TYPE /nodes/1"]),
        whole(
            "a node id with a dot", #"{"nodes":[{"id":"s.x","type":"start"}]}"#,
            ["BAD_ID /nodes/0/id"]),
        whole(
            "an id used twice",
            #"{"nodes":[{"id":"s","type":"start"},{"id":"a","type":"noop"},{"id":"a","type":"noop"}],"edges":[{"source":"s","target":"a"}]}"#,
            ["DUPLICATE_ID /nodes/2/id"]),
        whole(
            "two starts", #"{"nodes":[{"id":"s","type":"start"},{"id":"t","type":"start"}]}"#,
            ["MULTIPLE_START /nodes/1"]),
        whole(
            "an unknown kind",
            #"{"nodes":[{"id":"s","type":"start"},{"id":"x","type":"teleport"}],"edges":[{"source":"s","target":"x"}]}"#,
            ["UNKNOWN_KIND /nodes/1/type"]),
        whole(
            "dangling edges",
            #"{"nodes":[{"id":"s","type":"start"}],"edges":[{"source":"s","target":"a"},{"source":"b","target":"s"}]}"#,
            ["DANGLING_EDGE /edges/0/target", "DANGLING_EDGE /edges/1/source"]),
        whole(
            "edges without ends", #"{"nodes":[{"id":"s","type":"start"}],"edges":[{},3]}"#,
            ["MISSING_FIELD /edges/0", "MISSING_FIELD /edges/0", "BAD_TYPE /edges/1"]),
        whole(
            "a repeated edge",
            #"{"nodes":[{"id":"s","type":"start"},{"id":"e","type":"end"}],"edges":[{"source":"s","target":"e"},{"source":"s","target":"e"}]}"#,
            ["DUPLICATE_EDGE /edges/1"]),
        whole(
            "an edge to the start",
            #"{"nodes":[{"id":"s","type":"start"},{"id":"a","type":"noop"}],"edges":[{"source":"s","target":"a"},{"source":"a","target":"s"}]}"#,
            [
                "BAD_HANDLE /edges/1/target", "CYCLE /nodes/0", "CYCLE /nodes/1",
            ]),
        whole(
            "an edge from the end",
            #"{"nodes":[{"id":"s","type":"start"},{"id":"e","type":"end"}],"edges":[{"source":"s","target":"e"},{"source":"e","target":"s"}]}"#,
            ["BAD_HANDLE /edges/1/sourceHandle"]),
        whole(
            "a cycle, and a node behind it that is not on it",
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"noop"},{"id":"b","type":"noop"},
            {"id":"c","type":"noop"}],"edges":[{"source":"s","target":"a"},
            {"source":"a","target":"b"},{"source":"b","target":"a"},{"source":"b","target":"c"}]}
            """#, ["CYCLE /nodes/1", "CYCLE /nodes/2"]),
        whole(
            "a node that leads to itself",
            #"{"nodes":[{"id":"s","type":"start"},{"id":"a","type":"noop"}],"edges":[{"source":"s","target":"a"},{"source":"a","target":"a"}]}"#,
            ["CYCLE /nodes/1"]),
        whole(
            "unreachable nodes",
            #"{"nodes":[{"id":"s","type":"start"},{"id":"a","type":"noop"},{"id":"b","type":"noop"}],"edges":[{"source":"a","target":"b"}]}"#,
            ["UNREACHABLE_NODE /nodes/1", "UNREACHABLE_NODE /nodes/2"]),
        whole(
            "faults that follow from no other, beside edges that lead nowhere",
            #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"a","type":"noop","data":{"onError":"route"}},
            {"id":"b","type":"noop"},{"id":"c","type":"noop"},{"id":"d","type":"noop","data":{"onError":"route"}}],
            "edges":[{"source":"s","target":"a"},{"source":"x","target":"b"},{"source":"s","target":"y"},
            {"source":"s","target":"d"},{"source":"d","sourceHandle":"error","target":"z"}]}
            """#,
            [
                "DANGLING_EDGE /edges/1/source", "DANGLING_EDGE /edges/2/target",
                "DANGLING_EDGE /edges/4/target", "MISSING_EDGE /nodes/1",
                "UNREACHABLE_NODE /nodes/3",
            ]),
        whole(
            "many faults at once",
            #"""
            {"nodes":[{"id":"s","type":"start","data":{"x":1}},{"id":"w","type":"wait",
            "data":{"duration":"soon","retry":{"attempts":0}}},{"id":"i","type":"if","data":{}}],
            "edges":[{"source":"s","target":"w"},{"source":"w","target":"i"},
            {"source":"i","target":"z","sourceHandle":"maybe"}]}
            """#,
            [
                "UNKNOWN_FIELD /nodes/0/data/x", "BAD_DURATION /nodes/1/data/duration",
                "BAD_RETRY /nodes/1/data/retry/attempts", "MISSING_FIELD /nodes/2/data",
                "DANGLING_EDGE /edges/2/target",
            ]),
        whole(
            "too many nodes",
            #"{"nodes":[\#((0...1_000).map { #"{"id":"n\#($0)","type":"noop"}"# }.joined(separator: ","))]}"#,
            ["TOO_MANY_NODES /nodes"]),
        whole(
            "too large",
            #"{"description":"\#(String(repeating: "x", count: 1 << 20))","nodes":[]}"#,
            ["TOO_LARGE "]),
    ]

    static let nodes: [Case] = [
        node("good", "noop", "{}"),
        node("a field of another kind", "noop", #"{"url":"x"}"#, ["UNKNOWN_FIELD @/url"]),
        node("data of another type", "noop", "[]", ["BAD_TYPE @"]),
        node("label and description", "noop", #"{"label":"L","description":"D"}"#),
        node(
            "a handle", "noop", "{}", ["BAD_HANDLE /edges/1/sourceHandle"],
            edges: #"{"source":"x","sourceHandle":"true","target":"end"}"#),
        node(
            "every setting", "noop",
            #"{"retry":{"attempts":3,"delay":"PT1S","backoff":1.5,"max":"1m","on":["A"]},"timeout":"500ms","breakpoint":"both","bypass":false}"#
        ),
        node("retry without attempts", "noop", #"{"retry":{}}"#, ["MISSING_FIELD @/retry"]),
        node("retry of another type", "noop", #"{"retry":3}"#, ["BAD_RETRY @/retry"]),
        node(
            "too many attempts", "noop", #"{"retry":{"attempts":1001}}"#,
            ["BAD_RETRY @/retry/attempts"]),
        node(
            "a shrinking backoff", "noop", #"{"retry":{"attempts":2,"backoff":0.5}}"#,
            ["BAD_RETRY @/retry/backoff"]),
        node(
            "codes of another type", "noop", #"{"retry":{"attempts":2,"on":[1]}}"#,
            ["BAD_RETRY @/retry/on"]),
        node(
            "an unknown retry field", "noop", #"{"retry":{"attempts":2,"jitter":true}}"#,
            ["UNKNOWN_FIELD @/retry/jitter"]),
        node(
            "a bad delay", "noop", #"{"retry":{"attempts":2,"delay":"1 second"}}"#,
            ["BAD_DURATION @/retry/delay"]),
        node("no time at all", "noop", #"{"timeout":"0s"}"#, ["BAD_DURATION @/timeout"]),
        node("a month", "noop", #"{"timeout":"P1M"}"#, ["BAD_DURATION @/timeout"]),
        node("eleven years", "noop", #"{"timeout":"P4015D"}"#, ["BAD_DURATION @/timeout"]),
        node("a bad onError", "noop", #"{"onError":"ignore"}"#, ["BAD_VALUE @/onError"]),
        node("route without an edge", "noop", #"{"onError":"route"}"#, ["MISSING_EDGE /nodes/1"]),
        node(
            "route with its edge", "noop", #"{"onError":"route"}"#,
            edges:
                #"{"source":"x","sourceHandle":"error","target":"end"},{"source":"x","target":"end"}"#
        ),
        node(
            "an error edge without route", "noop", "{}", ["BAD_HANDLE /edges/1/sourceHandle"],
            edges: #"{"source":"x","sourceHandle":"error","target":"end"}"#),
        node("a bad breakpoint", "noop", #"{"breakpoint":"here"}"#, ["BAD_VALUE @/breakpoint"]),
        node("bypass of another type", "noop", #"{"bypass":"yes"}"#, ["BAD_TYPE @/bypass"]),
        node("good", "set", #"{"value":{"a":["${ .input }",1]}}"#),
        node("no value", "set", "{}", ["MISSING_FIELD @"]),
        node(
            "an expression without an end", "set", #"{"value":{"a":"${ .input"}}"#,
            ["BAD_EXPRESSION @/value/a"]),
        node(
            "an expression that is refused", "set", #"{"value":"${ env }"}"#,
            ["BAD_EXPRESSION @/value"]),
        node(
            "an expression that jq refuses", "set", #"{"value":"${ .a | nope(1) }"}"#,
            ["BAD_EXPRESSION @/value"]),
        node(
            "two bad expressions", "set", #"{"value":["${ 1 + }","${ input }"]}"#,
            ["BAD_EXPRESSION @/value/0", "BAD_EXPRESSION @/value/1"]),
        node(
            "three bad expressions in one text, and a good one", "set",
            #"{"value":"${ env } ${ .input } ${ nope } ${ .a"}"#,
            ["BAD_EXPRESSION @/value", "BAD_EXPRESSION @/value", "BAD_EXPRESSION @/value"]),
        node("good", "if", #"{"condition":"${ .input > 1 }"}"#, edges: trueEdges),
        node("no condition", "if", "{}", ["MISSING_FIELD @"], edges: trueEdges),
        node(
            "a text as condition", "if", #"{"condition":"yes"}"#, ["BAD_TYPE @/condition"],
            edges: trueEdges),
        node("a plain edge", "if", #"{"condition":true}"#, ["BAD_HANDLE /edges/1/sourceHandle"]),
        node(
            "continue", "if", #"{"condition":true,"onError":"continue"}"#,
            ["BAD_VALUE @/onError"], edges: trueEdges),
        node(
            "bypass", "if", #"{"condition":true,"bypass":true}"#, ["BAD_VALUE @/bypass"],
            edges: trueEdges),
        node("good", "switch", #"{"value":"${ .input }","cases":["a"]}"#, edges: caseEdge),
        node(
            "no cases", "switch", #"{"value":1}"#,
            ["MISSING_FIELD @", "BAD_HANDLE /edges/1/sourceHandle"], edges: caseEdge),
        node(
            "empty cases", "switch", #"{"value":1,"cases":[]}"#,
            ["BAD_TYPE @/cases", "BAD_HANDLE /edges/1/sourceHandle"], edges: caseEdge),
        node(
            "a case twice", "switch", #"{"value":1,"cases":["a","a"]}"#, ["BAD_VALUE @/cases"],
            edges: caseEdge),
        node(
            "a case named default", "switch", #"{"value":1,"cases":["a","default"]}"#,
            ["BAD_VALUE @/cases"], edges: caseEdge),
        node(
            "an edge by another case", "switch", #"{"value":1,"cases":["b"]}"#,
            ["BAD_HANDLE /edges/1/sourceHandle"], edges: caseEdge),
        node("good", "foreach", #"{"items":"${ .input }","concurrency":3,"body":\#(body)}"#),
        node("a list", "foreach", #"{"items":[1,"${ .input }"],"body":\#(body)}"#),
        node(
            "nothing", "foreach", "{}",
            ["MISSING_FIELD @", "MISSING_FIELD @"]),
        node(
            "too many at once", "foreach",
            #"{"items":[],"concurrency":101,"onItemError":"no","body":\#(body)}"#,
            ["BAD_VALUE @/concurrency", "BAD_VALUE @/onItemError"]),
        node(
            "faults in its body", "foreach",
            #"""
            {"items":[],"body":{"x":1,"nodes":[{"id":"s","type":"start","data":{"inputSchema":{}}},
            {"id":"f","type":"foreach","data":{"items":[],"body":{"nodes":[]}}},
            {"id":"g","type":"noop","data":{"wrong":1}}],
            "edges":[{"source":"s","target":"f"},{"source":"s","target":"g"}]}}
            """#,
            [
                "UNKNOWN_FIELD @/body/x", "UNKNOWN_FIELD @/body/nodes/2/data/wrong",
                "MISSING_START @/body/nodes/1/data/body/nodes",
            ]),
        node(
            "an input schema within", "foreach",
            #"""
            {"items":[],"body":{"nodes":[{"id":"s","type":"start","data":{"inputSchema":{}}}]}}
            """#, ["BAD_VALUE @/body"]),
        node(
            "good", "try",
            #"{"body":\#(body),"catch":[{"on":["A"],"body":\#(body)},{"body":\#(body)}],"finally":\#(body)}"#
        ),
        node("neither", "try", #"{"body":\#(body)}"#, ["MISSING_FIELD @/catch"]),
        node(
            "clauses that never run, and bad ones", "try",
            #"{"body":\#(body),"catch":[{"body":\#(body)},{"on":[],"body":\#(body),"x":1},3]}"#,
            [
                "BAD_VALUE @/catch/0/on", "BAD_TYPE @/catch/1/on", "UNKNOWN_FIELD @/catch/1/x",
                "BAD_TYPE @/catch/2",
            ]),
        node("good", "wait", #"{"duration":"1h30m"}"#),
        node("an instant", "wait", #"{"until":"2030-01-01T00:00:00Z"}"#),
        node("an expression", "wait", #"{"until":"${ .input.at }"}"#),
        node("a pause", "wait", #"{"pause":true,"message":"${ .input }"}"#),
        node(
            "a pause with an end", "wait", #"{"pause":true,"duration":"1s"}"#,
            ["BAD_VALUE @/duration"]),
        node(
            "good", "workflow",
            #"{"workflowId":"a.b","version":2,"input":{"x":"${ .input }"},"wait":false}"#),
        node("nothing", "workflow", "{}", ["MISSING_FIELD @"]),
        node(
            "bad values", "workflow",
            #"{"workflowId":"a b","version":0,"onParentEnd":"kill","x":1}"#,
            [
                "BAD_ID @/workflowId", "BAD_VALUE @/version", "BAD_VALUE @/onParentEnd",
                "UNKNOWN_FIELD @/x",
            ]),
        node(
            "good", "event",
            #"{"event":"paid","key":"${ .input.id }","deadline":"1h","onDeadline":"fail"}"#),
        node("nothing", "event", "{}", ["MISSING_FIELD @"]),
        node(
            "bad values", "event", #"{"event":"","key":{},"onDeadline":"approve"}"#,
            [
                "BAD_VALUE @/event", "BAD_TYPE @/key", "BAD_VALUE @/onDeadline",
            ]),
        node("neither", "wait", "{}", ["MISSING_FIELD @/duration"]),
        node(
            "both", "wait", #"{"duration":"1s","until":"2030-01-01T00:00:00Z"}"#,
            ["BAD_VALUE @/until"]),
        node("a bad instant", "wait", #"{"until":"tomorrow"}"#, ["BAD_INSTANT @/until"]),
        node("a number", "wait", #"{"duration":5}"#, ["BAD_TYPE @/duration"]),
        node(
            "good", "http", #"{"url":"https://example.com/","headers":{"a":"b"},"query":{"n":1}}"#),
        node("no url", "http", "{}", ["MISSING_FIELD @"]),
        node("another scheme", "http", #"{"url":"file:///etc/passwd"}"#, ["BAD_URL @/url"]),
        node("no host", "http", #"{"url":"http:///x"}"#, ["BAD_URL @/url"]),
        node(
            "a bad method", "http", #"{"url":"http://a/","method":"get"}"#, ["BAD_VALUE @/method"]),
        node("a body with GET", "http", #"{"url":"http://a/","body":1}"#, ["BAD_VALUE @/body"]),
        node(
            "a header with a space", "http", #"{"url":"http://a/","headers":{"a b":"c"}}"#,
            ["BAD_VALUE @/headers"]),
        node(
            "a host header", "http", #"{"url":"http://a/","headers":{"Host":"c"}}"#,
            ["BAD_VALUE @/headers"]),
        node(
            "a header that is an object", "http", #"{"url":"http://a/","headers":{"a":{}}}"#,
            ["BAD_TYPE @/headers"]),
        node(
            "basic", "http",
            #"{"url":"http://a/","auth":{"type":"basic","username":"u","password":"${ .input.p }"}}"#
        ),
        node(
            "bearer without token", "http", #"{"url":"http://a/","auth":{"type":"bearer"}}"#,
            ["MISSING_FIELD @/auth"]),
        node(
            "an unknown auth", "http", #"{"url":"http://a/","auth":{"type":"digest"}}"#,
            ["BAD_VALUE @/auth/type"]),
        node(
            "too many redirects", "http", #"{"url":"http://a/","redirects":21}"#,
            ["BAD_VALUE @/redirects"]),
        node(
            "good", "approval",
            #"{"message":"${ .input.m }?","assignees":["a"],"deadline":"24h","onDeadline":"approve"}"#
        ),
        node(
            "rejected has an edge", "approval", "{}",
            edges:
                #"{"source":"x","sourceHandle":"approved","target":"end"},{"source":"x","sourceHandle":"rejected","target":"end"}"#
        ),
        node(
            "a deadline handle without route", "approval", "{}",
            ["BAD_HANDLE /edges/1/sourceHandle"],
            edges: #"{"source":"x","sourceHandle":"deadline","target":"end"}"#),
        node(
            "route without an edge", "approval", #"{"deadline":"1h","onDeadline":"route"}"#,
            ["MISSING_EDGE /nodes/1"]),
        node(
            "an action without a deadline", "approval", #"{"onDeadline":"fail"}"#,
            ["MISSING_FIELD @/deadline"]),
        node("a bad deadline", "approval", #"{"deadline":"later"}"#, ["BAD_DURATION @/deadline"]),
        node(
            "assignees of another type", "approval", #"{"assignees":"all"}"#,
            ["BAD_TYPE @/assignees"]),
        node("good", "ask", #"{"message":"?","schema":{"type":"object","required":["a"]}}"#),
        node(
            "a bad schema", "ask", #"{"schema":{"type":"objekt","foo":1}}"#,
            ["BAD_SCHEMA @/schema/type", "BAD_SCHEMA @/schema/foo"]),
        node(
            "approve at the deadline", "ask", #"{"deadline":"1h","onDeadline":"approve"}"#,
            ["BAD_VALUE @/onDeadline"]),
        node("good", "fail", #"{"code":"NO_STOCK","message":"m","details":{"a":1}}"#, edges: ""),
        node("a bad code", "fail", #"{"code":"no stock"}"#, ["BAD_VALUE @/code"], edges: ""),
        node("good", "log", #"{"message":"m","level":"warning"}"#),
        node("no message", "log", "{}", ["MISSING_FIELD @"]),
        node("a bad level", "log", #"{"message":"m","level":"loud"}"#, ["BAD_VALUE @/level"]),
    ]

    @Test func `every shape gives exactly its faults`() async throws {
        let server = try await TestServer()
        for example in Self.wholes + Self.nodes {
            let faults = await server.engine.validate(
                example.definition, allowUnregistered: false, workspaceID: "default")
            let found = faults.map { "\($0.code) \($0.pointer)" }
            // A node that ends nowhere leaves the end unreachable: not what is tested here.
            let rest = found.filter { !$0.hasPrefix("UNREACHABLE_NODE /nodes/2") }
            let wanted = example.faults
            let isWhole = example.name == "unreachable nodes"
            #expect((isWhole ? found : rest).sorted() == wanted.sorted(), "\(example.name)")
            #expect(faults.allSatisfy { !$0.message.isEmpty })
        }
        await server.stop()
    }

    @Test func `faults in bodies name their nodes by path, and expressions in them are checked`()
        async throws
    {
        let definition = #"""
            {"nodes":[{"id":"s","type":"start"},{"id":"each","type":"foreach","data":{"items":[],
            "body":{"nodes":[{"id":"s","type":"start"},{"id":"t","type":"try","data":{
            "body":\#(Self.body),"catch":[{"body":{"nodes":[{"id":"s","type":"start"},
            {"id":"x","type":"set","data":{"value":"${ .a | nosuch }"}},
            {"id":"y","type":"ocr","data":{}}],
            "edges":[{"source":"s","target":"x"},{"source":"s","target":"y"}]}}]}}],
            "edges":[{"source":"s","target":"t"}]}}}],
            "edges":[{"source":"s","target":"each"}]}
            """#
        let server = try await TestServer()
        let faults = await server.engine.validate(
            definition, allowUnregistered: false, workspaceID: "default")
        #expect(faults.map(\.code) == ["UNKNOWN_KIND", "BAD_EXPRESSION"])
        #expect(
            faults.map(\.nodeID) == ["each[].t.catch[0].y", "each[].t.catch[0].x"])
        let body = "/nodes/1/data/body/nodes/1/data/catch/0/body/nodes"
        #expect(faults.map(\.pointer) == ["\(body)/2/type", "\(body)/1/data/value"])
        await server.stop()
    }

    @Test func `bodies nest so deep and no deeper, and their nodes count`() {
        func nested(_ depth: Int) -> String {
            guard depth > 0 else { return Self.body }
            return #"""
                {"nodes":[{"id":"s","type":"start"},{"id":"f","type":"foreach","data":{"items":[],
                "body":\#(nested(depth - 1))}}],"edges":[{"source":"s","target":"f"}]}
                """#
        }
        #expect(WorkflowCompiler.compile(nested(16), limits: Limits()).faults == [])
        let deep = WorkflowCompiler.compile(nested(17), limits: Limits()).faults
        #expect(deep.map(\.code) == ["TOO_DEEP"])
        var limits = Limits()
        limits.workflowNodesMax = 7
        #expect(WorkflowCompiler.compile(nested(3), limits: limits).faults == [])
        limits.workflowNodesMax = 6
        let many = WorkflowCompiler.compile(nested(3), limits: limits).faults
        #expect(many.map(\.code) == ["TOO_MANY_NODES"])
    }

    @Test func `an unknown kind is accepted on request`() {
        let definition =
            #"{"nodes":[{"id":"s","type":"start"},{"id":"x","type":"ocr","data":{"any":1}}],"edges":[{"source":"s","target":"x"}]}"#
        let result = WorkflowCompiler.compile(
            definition, limits: Limits(), allowsUnregistered: true)
        #expect(result.faults == [])
        #expect(result.graph?.nodes.count == 2)
    }
}
