import Messages
import Model
import Testing

@testable import Engine

/// The `concurrency` setting of a definition.
struct ConcurrencyTests {
    private static func definition(_ setting: String) -> String {
        #"""
        {"concurrency":\#(setting),"nodes":[{"id":"s","type":"start"},
        {"id":"a","type":"approval","data":{"message":"?"}},{"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"a"},{"source":"a","sourceHandle":"approved","target":"e"}]}
        """#
    }

    @Test(arguments: [
        (#"{"max":0}"#, "BAD_VALUE"), (#"{"max":"2"}"#, "BAD_VALUE"),
        (#"{"max":1.5}"#, "BAD_VALUE"),
        (#"{"policy":"x"}"#, "BAD_VALUE"), (#"{"key":7}"#, "BAD_TYPE"), ("[]", "BAD_TYPE"),
        (#"{"group":"x"}"#, "UNKNOWN_FIELD"), (#"{"key":"${ .last }"}"#, "BAD_EXPRESSION"),
        (#"{"key":"${ .nodes.a.output }"}"#, "BAD_EXPRESSION"),
        (#"{"key":"${"}"#, "BAD_EXPRESSION"),
    ])
    func `what is wrong with it is told`(setting: String, code: String) {
        let result = WorkflowCompiler.compile(Self.definition(setting), limits: Limits())
        #expect(result.faults.map(\.code) == [code])
        #expect(result.faults.first?.pointer.hasPrefix("/concurrency") == true)
    }

    @Test(arguments: ["null", "{}", #"{"key":"${ .input.a }-x","max":3,"policy":"cancel-oldest"}"#])
    func `a good one is taken`(setting: String) {
        #expect(WorkflowCompiler.compile(Self.definition(setting), limits: Limits()).graph != nil)
    }

    @Test func `a key says with whom it shares places, and null that it shares none`() async throws
    {
        let server = try await TestServer()
        try await server.put(Self.definition(#"{"key":"${ .input.k }"}"#))
        var made: [Execution] = []
        for input in [#"{"k":"a"}"#, #"{"k":"b"}"#, #"{"k":"a"}"#, #"{"k":null}"#, #"{"k":null}"#] {
            made.append(try await server.trigger(input: input).execution)
        }
        #expect(made.map(\.concurrencyKey) == ["a", "b", "a", "", ""])
        for index in [0, 1, 3, 4] {
            #expect(try await server.rest(made[index]).status == .suspended)
        }
        #expect(try await server.get(made[2]).status == .queued)
        _ = try await server.engine.cancel(
            ExecutionNumber(rawValue: made[0].number), by: "test", reason: "", request: nil)
        #expect(try await server.rest(made[2]).status == .suspended)
        #expect(server.engine.invariantFaults() == [])
        await server.stop()
    }

    @Test func `places and queue are the same after a restart`() async throws {
        let server = try await TestServer()
        try await server.put(Self.definition(#"{"max":2}"#))
        var made: [Execution] = []
        for _ in 0..<4 { made.append(try await server.trigger().execution) }
        for index in 0..<2 { #expect(try await server.rest(made[index]).status == .suspended) }
        try await server.restart()
        #expect(try await server.get(made[2]).status == .queued)
        _ = try await server.engine.cancel(
            ExecutionNumber(rawValue: made[1].number), by: "test", reason: "", request: nil)
        #expect(try await server.rest(made[2]).status == .suspended)
        #expect(try await server.get(made[3]).status == .queued)
        await server.stop()
    }
}
