import Engine
import Messages
import Model
import SQLiteStore
import Store
import Testing

/// An engine is thrown away and another starts on the same store.
@Suite struct RecoveryTests {
    @Test func `a suspended execution survives, out of memory, and is answered`() async throws {
        let server = try await TestServer()
        let held = try await server.run(Definitions.approval)
        #expect(held.status == .suspended)
        try await server.restart()
        #expect(server.engine.load.resident == 0)
        let number = ExecutionNumber(rawValue: held.number)
        let execution = try await server.engine.respond(
            number, InterruptResponse(decision: .approve), request: nil)
        #expect(try await server.rest(execution).status == .completed)
        await server.stop()
    }

    @Test func `an attempt that was cut off runs again with the same token, three times at most`()
        async throws
    {
        let http = try await TestHTTPServer.start { _ in nil }
        var configuration = EngineConfiguration()
        configuration.httpAllow = ["127.0.0.1"]
        let server = try await TestServer(configuration: configuration)
        try await server.put(Definitions.http(port: http.port))
        let triggered = try await server.trigger().execution
        for restarts in 1...3 {
            while http.seen.count < restarts { await Task.yield() }
            try await server.restart()
        }
        let ended = try await server.rest(triggered)
        #expect(ended.status == .failed)
        #expect(ended.reason == .crashed)
        #expect(Set(http.seen.map { $0.header("idempotency-key") }).count == 1)
        #expect(http.seen.count == 3)
        let events = try await server.events(triggered)
        let interrupted = events.filter {
            if case .nodeInterrupted = $0.kind { true } else { false }
        }
        #expect(interrupted.count == 3)
        #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
        await server.stop()
        try await http.stop()
    }

    @Test(arguments: [
        ("wait", #"{"duration":"500ms"}"#),
        ("approval", #"{"deadline":"500ms","onDeadline":"approve"}"#),
    ])
    func `a timer of the very first commit is kept without waiting for the next look at the store`(
        kind: String, data: String
    ) async throws {
        let server = try await TestServer()
        try await server.put(
            #"""
            {"nodes":[{"id":"start","type":"start"},{"id":"n","type":"\#(kind)","data":\#(data)},
            {"id":"end","type":"end"}],
            "edges":[{"source":"start","target":"n"},{"source":"n","target":"end"}]}
            """#)
        let execution = try await server.trigger().execution
        server.environment.advance(by: .seconds(1))
        #expect(try await server.until(execution) { $0.status.isOver }.status == .completed)
        await server.stop()
    }

    @Test func `a long wait leaves memory, and ends without a restart`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.wait("2h"))
        let execution = try await server.trigger().execution
        _ = try await server.until(execution) { $0.waitingUntil != nil }
        while server.engine.load.resident > 0 { await Task.yield() }
        server.environment.advance(by: .seconds(2 * 3_600 + 60))
        #expect(try await server.until(execution) { $0.status.isOver }.status == .completed)
        await server.stop()
    }

    @Test func `a wait goes on after a restart`() async throws {
        let server = try await TestServer()
        try await server.put(Definitions.wait("2h"))
        let execution = try await server.trigger().execution
        let waiting = try await server.until(execution) { $0.waitingUntil != nil }
        #expect(waiting.status == .running)
        try await server.restart()
        #expect(try await server.get(execution).status == .running)
        server.environment.advance(by: .seconds(2 * 3_600 + 60))
        #expect(try await server.until(execution) { $0.status.isOver }.status == .completed)
        await server.stop()
    }

    @Test
    func `queued executions start in order of priority when a slot is free, also after a restart`()
        async throws
    {
        var limits = Limits()
        limits.runningMax = 1
        let http = try await TestHTTPServer.start { $0.path == "/slow" ? nil : .init() }
        var configuration = EngineConfiguration()
        configuration.httpAllow = ["127.0.0.1"]
        let server = try await TestServer(limits: limits, configuration: configuration)
        try await server.put(Definitions.http(port: http.port, path: "/slow"), id: "slow")
        for name in ["low", "high"] {
            try await server.put(Definitions.http(port: http.port, path: "/" + name), id: name)
        }
        let slow = try await server.trigger("slow").execution
        let low = try await server.trigger("low", priority: -1).execution
        let high = try await server.trigger("high", priority: 5).execution
        #expect(low.status == .queued)
        #expect(high.status == .queued)
        #expect(low.nextWakeUp.contains("slot"))
        try await server.restart()
        #expect(try await server.get(slow).status == .running)
        #expect(try await server.get(high).status == .queued)
        _ = try await server.engine.cancel(
            ExecutionNumber(rawValue: slow.number), by: "test", reason: "", request: nil)
        let lowEnd = try await server.until(low) { $0.status.isOver }
        let highEnd = try await server.until(high) { $0.status.isOver }
        #expect(lowEnd.status == .completed)
        #expect(highEnd.status == .completed)
        #expect(http.seen.map(\.path).filter { $0 != "/slow" } == ["/high", "/low"])
        await server.stop()
        try await http.stop()
    }

    @Test func `draining records what ends and starts nothing more`() async throws {
        let server = try await TestServer()
        let held = try await server.run(Definitions.approval)
        await server.engine.drain()
        await #expect(throws: EngineError.self) { _ = try await server.trigger() }
        #expect(try await server.get(held).status == .suspended)
        await server.stop()
    }
}

extension Definitions {
    static func http(port: Int, path: String = "/", data: String = "") -> String {
        #"""
        {"nodes":[{"id":"start","type":"start"},
        {"id":"call","type":"http","data":{"url":"http://127.0.0.1:\#(port)\#(path)"\#(data)}},
        {"id":"end","type":"end"}],
        "edges":[{"source":"start","target":"call"},{"source":"call","target":"end"}]}
        """#
    }

    static func wait(_ duration: String) -> String {
        #"""
        {"nodes":[{"id":"start","type":"start"},
        {"id":"pause","type":"wait","data":{"duration":"\#(duration)"}},
        {"id":"end","type":"end"}],
        "edges":[{"source":"start","target":"pause"},{"source":"pause","target":"end"}]}
        """#
    }
}
