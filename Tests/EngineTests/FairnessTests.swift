import Engine
import Messages
import Model
import Store
import Testing

/// Two workspaces over one store and one engine.
@Suite(.timeLimit(.minutes(2))) struct FairnessTests {
    private func put(
        _ server: TestServer, _ workspaceID: String, _ id: String, _ definition: String
    )
        async throws
    {
        let row = WorkflowVersionRow(
            workspaceID: workspaceID, podID: "default", workflowID: id, name: id,
            definitionJSON: definition, savedAt: server.environment.now(), savedBy: "test")
        let outcome = try await server.committer.commit(
            Commit([.putWorkflow(row, expectedLatest: nil)]), admission: .new)
        guard case .committed = outcome else {
            Issue.record("the workflow was not saved: \(outcome)")
            return
        }
    }

    private func trigger(_ server: TestServer, _ workspaceID: String, _ id: String) async throws
        -> ExecutionNumber
    {
        let made = try await server.engine.trigger(
            NewExecution(workspaceID: workspaceID, workflowID: id, triggeredBy: "test"))
        return ExecutionNumber(rawValue: made.execution.number)
    }

    @Test func `one workspace's many executions do not keep another's from its slot`() async throws
    {
        var limits = Limits()
        limits.runningMax = 1
        let http = try await TestHTTPServer.start { $0.path == "/slow" ? nil : .init() }
        var configuration = EngineConfiguration()
        configuration.httpAllow = ["127.0.0.1"]
        let server = try await TestServer(limits: limits, configuration: configuration)
        try await put(
            server, "default", "slow", Definitions.http(port: http.port, path: "/slow"))
        try await put(server, "default", "many", Definitions.http(port: http.port, path: "/many"))
        try await put(server, "other", "one", Definitions.http(port: http.port, path: "/one"))
        let slow = try await trigger(server, "default", "slow")
        var queued: [ExecutionNumber] = []
        for _ in 1...100 { queued.append(try await trigger(server, "default", "many")) }
        queued.append(try await trigger(server, "other", "one"))
        _ = try await server.engine.cancel(slow, by: "test", reason: "", request: nil)
        for number in queued {
            for try await row in server.feed.watch(number, after: 0) where row.endsExecution {}
        }
        let paths = http.seen.map(\.path).filter { $0 != "/slow" }
        #expect(paths.count == 101)
        #expect(paths.firstIndex(of: "/one") == 1)
        await server.stop()
        try await http.stop()
    }
}
