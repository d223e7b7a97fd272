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
        // It leaves memory once it has looked for events that came before.
        while server.engine.load.resident > 0 { await Task.yield() }
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

    @Test func `an event that was published after the deadline goes to the next wait`()
        async throws
    {
        let server = try await TestServer()
        let late = try await server.run(Self.waiting(#","deadline":"1h""#), input: #""k""#)
        let inTime = try await server.run(
            Self.waiting(#","deadline":"3h""#), input: #""other""#)
        let begin = server.environment.now()
        // A server that died before it looked: the waits are still there.
        try await server.restart {
            for (key, hours) in [("k", 1), ("other", 2)] {
                let row = EventRow(
                    workspaceID: "default", name: "paid", key: key, eventID: key, hash: [1],
                    dataJSON: "5", publishedAt: begin.advanced(by: .seconds(hours * 3_600)),
                    publishedBy: "token:shop")
                let outcomes = $0.write([
                    Commit([.event(.publish(row, keptMax: 9, deliveriesMax: 9))])
                ])
                #expect(outcomes.count == 1)
            }
            server.environment.advance(by: .seconds(4 * 3_600))
        }
        let failed = try await server.until(late) { $0.status.isOver }
        #expect(failed.error?.code == "DEADLINE_PASSED")
        #expect(try await server.until(inTime) { $0.status.isOver }.outputJSON == "5")
        let kept = try await server.store.keptEvents(
            workspaceID: "default", after: 0, room: PageRoom(rows: 9, bytes: .max)
        ).events
        #expect(kept.map(\.eventID) == ["k"])
        let next = try await server.run(Self.waiting(), input: #""k""#)
        #expect(try await server.until(next) { $0.status.isOver }.outputJSON == "5")
        await server.stop()
    }

    @Test func `an event whose wait was ended by something else meanwhile goes to who waits then`()
        async throws
    {
        let server = try await TestServer()
        let first = try await server.run(Self.waiting(), input: #""k""#)
        let event = try await publish(server, "a", data: "5").event
        _ = try await server.until(first) { $0.status.isOver }
        // As if it had been cancelled while the event was on its way: the message finds it ended.
        let waiting = try await server.run(Self.waiting(), input: #""k""#)
        let message = InboxMessage(
            kind: .eventDelivered(
                EventDelivered(
                    interruptID: "paid#1", nodePath: "paid", dataJSON: "5",
                    publishedBy: "token:shop", eventNumber: event.number)))
        _ = try await server.committer.commit(
            Commit([
                .insertInbox(
                    InboxRow(
                        recipient: ExecutionNumber(rawValue: first.number),
                        body: unsafe message.withProtobufBytes { unsafe [UInt8]($0) }))
            ]), admission: .accepted)
        #expect(try await server.until(waiting) { $0.status.isOver }.outputJSON == "5")
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
