import Messages
import Model
import Store
import Testing

@testable import Engine

/// Named events and pauses over a real store.
@Suite struct EventTests {
    private static func waiting(_ data: String = "", edges: String = "") -> String {
        #"""
        {"nodes":[{"id":"s","type":"start"},
        {"id":"paid","type":"event","data":{"event":"paid","key":"${ .input }"\#(data)}},
        {"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"paid"},{"source":"paid","target":"e"}\#(edges)]}
        """#
    }

    private func publish(
        _ server: TestServer, _ id: String, key: String = "k", data: String = "5",
        hash: [UInt8] = [1]
    ) async throws(EngineError) -> (event: EventRow, existing: Bool) {
        try await server.engine.publish(
            EventRow(
                workspaceID: "default", name: "paid", key: key, eventID: id, hash: hash,
                dataJSON: data, publishedAt: server.environment.now(), publishedBy: "token:shop"))
    }

    @Test func `a node goes on with the data of the event that has its key`() async throws {
        let server = try await TestServer()
        let held = try await server.run(Self.waiting(), input: #""k""#)
        #expect(held.reason == .event)
        #expect(held.interrupts.first?.eventName == "paid")
        #expect(held.interrupts.first?.correlationKey == "k")
        #expect(held.nextWakeUp.contains("the event 'paid' with the key 'k'"))
        #expect(server.engine.load.resident == 0)
        let other = try await publish(server, "other", key: "x")
        #expect(other.event.recipients == [])
        let given = try await publish(server, "a", data: #"{"n":1}"#)
        #expect(given.event.recipients.map(\.rawValue) == [held.number])
        let ended = try await server.until(held) { $0.status.isOver }
        #expect(ended.outputJSON == #"{"n":1}"#)
        // A repeat is the same event, and reaches nobody again; its id cannot be used for another.
        #expect(try await publish(server, "a", data: #"{"n":1}"#).existing)
        await #expect(throws: EngineError.self) {
            _ = try await publish(server, "a", hash: [2])
        }
        #expect(server.engine.invariantFaults() == [])
        await server.stop()
    }

    @Test func `an event that comes early is kept, also over a restart, for as long as it may be`()
        async throws
    {
        let server = try await TestServer()
        _ = try await publish(server, "a", data: "1")
        try await server.restart()
        let first = try await server.until(
            try await server.run(Self.waiting(), input: #""k""#)
        ) { $0.status.isOver }
        #expect(first.outputJSON == "1")
        _ = try await publish(server, "b")
        server.environment.advance(by: .seconds(8 * 86_400))
        let second = try await server.run(Self.waiting(), input: #""k""#)
        #expect(try await server.rest(second).status == .suspended)
        await server.stop()
    }

    @Test func `an event that is written while no engine is there is found at the start`()
        async throws
    {
        let server = try await TestServer()
        let held = try await server.run(Self.waiting(), input: #""k""#)
        let now = server.environment.now()
        try await server.restart {
            let row = EventRow(
                workspaceID: "default", name: "paid", key: "k", eventID: "a", hash: [1],
                dataJSON: "5", publishedAt: now, publishedBy: "token:shop")
            #expect(
                $0.write([Commit([.event(.publish(row, keptMax: 9, deliveriesMax: 9))])]).count == 1
            )
        }
        let ended = try await server.until(held) { $0.status.isOver }
        #expect(ended.outputJSON == "5")
        await server.stop()
    }

    @Test func `the deadline fails it or is routed, and the event that comes then is kept`()
        async throws
    {
        let server = try await TestServer()
        let routed = Self.waiting(
            #","deadline":"1h","onDeadline":"route""#,
            edges: #",{"source":"paid","sourceHandle":"deadline","target":"e"}"#)
        for (definition, status) in [
            (Self.waiting(#","deadline":"1h""#), ExecutionStatus.failed), (routed, .completed),
        ] {
            let held = try await server.run(definition, input: #""k""#)
            server.environment.advance(by: .seconds(3_600))
            server.environment.advance(by: .seconds(60))
            #expect(try await server.until(held) { $0.status.isOver }.status == status)
        }
        #expect(try await publish(server, "a").event.recipients == [])
        await server.stop()
    }

    @Test func `a cancel ends the wait, and somebody may answer in the event's place`() async throws
    {
        let server = try await TestServer()
        let cancelled = try await server.run(Self.waiting(), input: #""k""#)
        _ = try await server.engine.cancel(
            ExecutionNumber(rawValue: cancelled.number), by: "test", reason: "", request: nil)
        let answered = try await server.run(Self.waiting(), input: #""k""#)
        _ = try await server.engine.respond(
            ExecutionNumber(rawValue: answered.number),
            InterruptResponse(dataJSON: "7", respondedBy: "test"), request: nil)
        #expect(try await server.until(answered) { $0.status.isOver }.outputJSON == "7")
        #expect(try await publish(server, "a").event.recipients == [])
        await server.stop()
    }

    @Test func `a pause lasts until somebody lets it go on`() async throws {
        let server = try await TestServer()
        let held = try await server.run(
            #"""
            {"nodes":[{"id":"s","type":"start"},
            {"id":"p","type":"wait","data":{"pause":true,"message":"${ .input }"}},
            {"id":"e","type":"end"}],
            "edges":[{"source":"s","target":"p"},{"source":"p","target":"e"}]}
            """#, input: #""look""#)
        #expect(held.reason == .pause)
        #expect(held.interrupts.first?.message == "look")
        _ = try await server.engine.respond(
            ExecutionNumber(rawValue: held.number), InterruptResponse(respondedBy: "test"),
            request: nil)
        #expect(try await server.until(held) { $0.status.isOver }.outputJSON == #""look""#)
        await server.stop()
    }
}
