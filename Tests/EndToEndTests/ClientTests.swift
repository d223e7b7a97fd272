import Foundation
import Messages
import ProtobufRuntime
import RPC
import SignalboxClient
import Testing

/// Our client against the real server, over TLS.
struct ClientTests {
    private static func wait() -> ProtobufDuration { ProtobufDuration(seconds: 60) }

    @Test func `an execution is triggered, watched and read`() async throws {
        let server = try await ServerProcess()
        let client = try await server.client()
        try await client.saveWorkflows()
        let answer = try await client.trigger(
            TriggerRequest(workflowID: "noops", wait: Self.wait()))
        let execution = try #require(answer.execution)
        #expect(execution.status == .completed)
        #expect(execution.triggeredBy == "token:admin")
        var sequences: [Int64] = []
        for try await event in client.watch(WatchRequest(executionID: execution.id)) {
            sequences.append(event.sequence)
        }
        #expect(sequences == Array(1...execution.lastSequence))
        let nodes = try await client.listNodeExecutions(
            ListNodeExecutionsRequest(executionID: execution.id))
        #expect(nodes.nodeExecutions.map(\.nodeID) == ["start", "one", "two", "end"])
        let count = try await client.countExecutions(
            CountExecutionsRequest(
                filter: ExecutionFilter(states: [StateFilter(status: .completed)])))
        #expect(count.count == 1)
        await client.close()
    }

    @Test func `an approval is answered while it is watched, and replayed`() async throws {
        let server = try await ServerProcess()
        let client = try await server.client()
        try await client.saveWorkflows()
        let made = try #require(
            try await client.trigger(TriggerRequest(workflowID: "approval")).execution)
        var kinds: [ExecutionEvent.Kind] = []
        for try await event in client.watch(WatchRequest(executionID: made.id)) {
            let kind = try #require(event.kind)
            kinds.append(kind)
            if case .executionSuspended = kind {
                _ = try await client.respond(
                    RespondRequest(executionID: made.id, decision: .approve, reason: "fine"))
            }
        }
        guard case .executionCompleted = kinds.last else {
            Issue.record("expected executionCompleted, got \(String(describing: kinds.last))")
            return
        }
        let closed = kinds.compactMap { kind -> InterruptClosed? in
            if case .interruptClosed(let closed) = kind { closed } else { nil }
        }
        #expect(closed.map(\.respondedBy) == ["token:admin"])
        let replay = try await client.replay(ReplayRequest(executionID: made.id))
        #expect(replay.sourceID == made.id)
        let cancelled = try await client.cancel(
            CancelExecutionRequest(executionID: replay.id, reason: "enough"))
        #expect(cancelled.status == .cancelled)
        #expect(cancelled.endedBy == "token:admin")
        await client.close()
    }

    @Test func `errors carry their code, reason and violations`() async throws {
        let server = try await ServerProcess()
        let client = try await server.client()
        let missing = await #expect(throws: RPCError.self) {
            try await client.getExecution(GetExecutionRequest(executionID: "4711"))
        }
        #expect(missing?.code == .notFound)
        #expect(missing?.reason == "EXECUTION_NOT_FOUND")
        let bad = await #expect(throws: RPCError.self) {
            try await client.listExecutions(ListExecutionsRequest(pageSize: 1_001))
        }
        #expect(bad?.code == .invalidArgument)
        #expect(bad?.violations.map(\.field) == ["page_size"])
        await client.close()
    }

    @Test func `a token that is not known is refused when connecting`() async throws {
        let server = try await ServerProcess()
        let error = await #expect(throws: RPCError.self) {
            try await server.client(token: "sb_nothing")
        }
        #expect(error?.code == .unauthenticated)
    }

    @Test func `a revoked token ends open connections' rights at once`() async throws {
        let server = try await ServerProcess()
        let admin = try await server.client()
        let made = try await admin.createToken(CreateTokenRequest(name: "ci", role: .viewer))
        let viewer = try await server.client(token: made.secret)
        _ = try await viewer.listExecutions(ListExecutionsRequest())
        let denied = await #expect(throws: RPCError.self) {
            try await viewer.trigger(TriggerRequest(workflowID: "noops"))
        }
        #expect(denied?.code == .permissionDenied)
        try await admin.revokeToken(RevokeTokenRequest(tokenID: "ci"))
        let error = await #expect(throws: RPCError.self) {
            try await viewer.listExecutions(ListExecutionsRequest())
        }
        #expect(error?.code == .unauthenticated)
        await viewer.close()
        await admin.close()
    }

    @Test func `a watch goes on over kill -9 and restart, without gap or repeat`() async throws {
        let server = try await ServerProcess()
        let client = try await server.client()
        try await client.saveWorkflows()
        let made = try #require(
            try await client.trigger(TriggerRequest(workflowID: "approval")).execution)
        var sequences: [Int64] = []
        for try await event in client.watch(WatchRequest(executionID: made.id)) {
            sequences.append(event.sequence)
            if case .executionSuspended = event.kind {
                _ = try await server.end(SIGKILL)
                try await server.start()
                let other = try await server.client()
                _ = try await other.respond(
                    RespondRequest(executionID: made.id, decision: .approve))
                await other.close()
            }
        }
        let final = try await client.getExecution(GetExecutionRequest(executionID: made.id))
        #expect(final.status == .completed)
        #expect(sequences == Array(1...final.lastSequence))
        await client.close()
    }

    @Test func `the same request id gets the first result, another request is refused`()
        async throws
    {
        let server = try await ServerProcess()
        let client = try await server.client()
        try await client.saveWorkflows()
        let request = TriggerRequest(workflowID: "noops", requestID: "r1")
        let first = try await client.trigger(request)
        let second = try await client.trigger(request)
        #expect(second.existing)
        #expect(first.execution?.id == second.execution?.id)
        var other = request
        other.priority = 5
        let error = await #expect(throws: RPCError.self) { try await client.trigger(other) }
        #expect(error?.code == .alreadyExists)
        await client.close()
    }
}
