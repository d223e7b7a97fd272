import HTTPTypes
import Messages
import Testing

@testable import HTTPBridge

/// Streams of events over a real journal: what comes, what holds them up, and what ends them.
@Suite struct EventStreamTests {
    private static let pod = "/workspaces/default/pods/default/executions"

    /// The ids of the events of a stream.
    private static func ids(_ body: String) -> [Int] {
        body.split(separator: "\n").compactMap { line in
            line.hasPrefix("id: ") ? Int(line.dropFirst(4)) : nil
        }
    }

    private static func stream(_ execution: Execution, _ query: String = "") -> String {
        "\(pod)/\(execution.id)/events\(query)"
    }

    @Test func `a late joiner gets the history, and the end of the stream with that of the run`()
        async throws
    {
        try await BridgeBench.with { bench in
            let bridge = bench.bridge(WorkspacesDialect(bench.operations))
            let execution = try await bench.run(noops: 3)
            let fields = try await bench.token().fields
            let whole = await TestExchange.send(
                .get, Self.stream(execution), fields, to: bridge
            ).whole()
            #expect(whole.status == 200)
            #expect(whole.head?.headerFields[.contentType] == "text/event-stream")
            #expect(whole.isFinished)
            let ids = Self.ids(whole.body)
            #expect(ids == ids.sorted() && Set(ids).count == ids.count && !ids.isEmpty)
            #expect(whole.body.contains(#""type":"execution_complete""#))

            let middle = ids[ids.count / 2]
            var resumed = fields
            resumed[.lastEventID] = "\(middle)"
            for (path, fields) in [
                (Self.stream(execution, "?after=\(middle)"), fields),
                // What a browser says when it comes back wins over the address it was given.
                (Self.stream(execution, "?after=0"), resumed),
            ] {
                let rest = await TestExchange.send(.get, path, fields, to: bridge).whole()
                #expect(Self.ids(rest.body) == ids.filter { $0 > middle })
                #expect(rest.isFinished)
            }
        }
    }

    @Test func `a quiet stream has heartbeats, and ends when it is old`() async throws {
        let usual = EventStream.Pace()
        #expect(usual.heartbeat == .seconds(15))
        #expect(usual.heartbeat * usual.heartbeatsMax == .seconds(600))
        try await BridgeBench.with { bench in
            var pace = usual
            pace.heartbeat = .milliseconds(1)
            pace.heartbeatsMax = 5
            let bridge = bench.bridge(WorkspacesDialect(bench.operations, pace: pace))
            let execution = try await bench.run(noops: 0, approval: true)
            let whole = await TestExchange.send(
                .get, Self.stream(execution), try await bench.token().fields, to: bridge
            ).whole()
            #expect(whole.body.ranges(of: ": heartbeat\n\n").count == 4)
            #expect(whole.isFinished && !whole.isAborted)
        }
    }

    @Test func `a stream ends once its token is revoked, and not with another's`() async throws {
        try await BridgeBench.with { bench in
            let bridge = bench.bridge(WorkspacesDialect(bench.operations))
            let execution = try await bench.run(noops: 0, approval: true)
            let (kept, lost) = (try await bench.token(), try await bench.token())
            let streams = [kept, lost].map {
                TestExchange.send(.get, Self.stream(execution), $0.fields, to: bridge)
            }
            for stream in streams {
                _ = await stream.answer { $0.body.contains("execution_suspended") }
            }
            try await bench.revoke(lost.id)
            let ended = await streams[1].whole()
            #expect(ended.isFinished && !ended.isAborted)
            let again = await TestExchange.send(
                .get, Self.stream(execution), lost.fields, to: bridge
            ).whole()
            #expect(again.status == 401)
            let going = await streams[0].answer { _ in true }
            #expect(!going.isReleased)
            streams[0].leave()
            _ = await streams[0].whole()
        }
    }

    @Test func `a client that does not read is served from the journal, and misses nothing`()
        async throws
    {
        try await BridgeBench.with { bench in
            let bridge = bench.bridge(WorkspacesDialect(bench.operations))
            let execution = try await bench.run(noops: 200)
            let fields = try await bench.token().fields
            let slow = TestExchange.send(
                .get, Self.stream(execution), fields, to: bridge, reads: false)
            let held = await slow.answer { $0.body.contains("\n\n") }
            // Nothing but what was on its way.
            #expect(held.body.utf8.count < 1 << 10)
            slow.read()
            let whole = await slow.whole()
            let quick = await TestExchange.send(.get, Self.stream(execution), fields, to: bridge)
                .whole()
            #expect(whole.body == quick.body)
            #expect(Self.ids(whole.body).count >= 400)
        }
    }
}
