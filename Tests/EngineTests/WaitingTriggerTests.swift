import Messages
import Model
import Store
import Testing

@testable import Engine

/// What a trigger that waits comes back with, and when.
struct WaitingTriggerTests {
    private static let new = NewExecution(
        workspaceID: "default", workflowID: "flow", triggeredBy: "test")

    @Test func `its answer is what the store tells`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.steps(3))
        let (triggered, rested) = try await server.engine.trigger(
            Self.new, waitUntil: .now.advanced(by: .seconds(30)))
        let answer = server.engine.execution(try #require(rested))
        #expect(answer.status == .completed)
        #expect(answer == (try await server.get(triggered.execution)))
        await server.stop()
    }

    @Test func `a long history is left to the store`() async throws {
        let server = try await TestServer()
        // `log` advances in memory, so that many events cost few commits.
        try await server.put(
            Definitions.steps(150).split(separator: #""noop""#).joined(
                separator: #""log","data":{"message":"m"}"#))
        let (triggered, rested) = try await server.engine.trigger(
            Self.new, waitUntil: .now.advanced(by: .seconds(30)))
        #expect(rested == nil)
        #expect(try await server.get(triggered.execution).status == .completed)
        await server.stop()
    }

    @Test func `the deadline ends the wait and not the execution`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.wait("1h"))
        let (triggered, rested) = try await server.engine.trigger(
            Self.new, waitUntil: .now.advanced(by: .milliseconds(1)))
        #expect(rested == nil)
        #expect(try await server.get(triggered.execution).status == .running)
        await server.stop()
    }

    @Test func `cancelling the task ends the wait and not the execution`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.wait("1h"))
        // The definition is known from here on; reading it would be cut off too.
        _ = try await server.trigger()
        let engine = server.engine
        let task = Task {
            try await engine.trigger(Self.new, waitUntil: .now.advanced(by: .seconds(3_600)))
        }
        task.cancel()
        let (triggered, rested) = try await task.value
        #expect(rested == nil)
        #expect(try await server.get(triggered.execution).status == .running)
        await server.stop()
    }
}
