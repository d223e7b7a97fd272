import Engine
import Messages
import Model
import Store
import Testing

/// Writes that fail while the server lives lose nothing and invent nothing.
@Suite struct WriteFailureTests {
    @Test(arguments: [1, 2, 3])
    func `executions survive failing writes, and every step is recorded once`(_ seed: UInt64)
        async throws
    {
        let server = try await TestServer(environment: ManualEnvironment(seed: seed))
        try await server.put(Definitions.steps(3), id: "steps")
        try await server.put(Definitions.approval, id: "approval")
        server.store.fail(percent: 30)
        let environment = server.environment
        let ticker = Task {
            while !Task.isCancelled {
                environment.advance(by: .milliseconds(100))
                await Task.yield()
            }
        }
        var accepted: [Execution] = []
        var refused = 0
        for index in 0..<40 {
            do throws(EngineError) {
                let new = NewExecution(
                    workspaceID: "default", workflowID: index % 2 == 0 ? "steps" : "approval")
                accepted.append(try await server.engine.trigger(new).execution)
            } catch {
                #expect(error.code == .unavailable)
                refused += 1
            }
        }
        for execution in accepted {
            while true {
                let now = try await server.get(execution)
                if now.status.isOver { break }
                if now.status == .suspended {
                    let number = ExecutionNumber(rawValue: now.number)
                    do throws(EngineError) {
                        _ = try await server.engine.respond(
                            number, InterruptResponse(decision: .approve), request: nil)
                    } catch {
                        #expect(error.code == .unavailable)
                    }
                }
                await Task.yield()
            }
            let ended = try await server.get(execution)
            #expect(ended.status == .completed)
            let events = try await server.events(execution)
            #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
            var done: Set<String> = []
            for case .nodeCompleted(let event)? in events.map(\.kind) {
                #expect(done.insert(event.nodePath).inserted)
            }
        }
        #expect(server.store.failures > 0)
        let count = try await server.store.count(ExecutionQuery(workspaceID: "default"))
        #expect(count == Int64(accepted.count))
        #expect(accepted.count + refused == 40)
        server.store.fail(percent: 0)
        await server.engine.drain()
        #expect(server.engine.load.resident == 0)
        ticker.cancel()
        await ticker.value
        await server.stop()
    }
}
