import HTTPTypes
import Messages
import Testing

@testable import HTTPBridge

/// Socket.IO sessions over a real journal, by polling.
@Suite struct SocketIOSessionTests {
    private static let place = "/socket.io?EIO=4&transport=polling"

    /// A busy machine may take its time to connect.
    private static var limits: SocketIOLimits {
        var limits = SocketIOLimits()
        limits.connectMilliseconds = 600_000
        return limits
    }

    /// A session that is connected, and where to poll it.
    private static func connect(_ bridge: Bridge, token: String) async -> String {
        let opening = await TestExchange.send(.get, place, to: bridge).whole().body
        let sid = opening.split(separator: "\"").dropFirst(3).first ?? ""
        let session = "\(place)&sid=\(sid)"
        let posted = await post(#"40{"token":"\#(token)"}"#, session, bridge)
        #expect(posted.body == "ok")
        let connected = await poll(session, bridge)
        #expect(connected.body.hasPrefix(#"40{"sid":"#))
        return session
    }

    private static func poll(_ session: String, _ bridge: Bridge) async -> TestExchange.Answer {
        await TestExchange.send(.get, session, to: bridge).whole()
    }

    private static func post(
        _ body: String, _ session: String, _ bridge: Bridge
    ) async -> TestExchange.Answer {
        await TestExchange.send(
            .post, session, [.contentType: "text/plain"], body: body, to: bridge
        ).whole()
    }

    @Test func `a client that does not poll costs no more than its queue, and misses nothing`()
        async throws
    {
        try await BridgeBench.with { bench in
            var limits = Self.limits
            limits.queueBytesMax = 4_000
            limits.payloadPacketsMax = 10_000
            let bridge = bench.bridge(AutomationDialect(bench.operations, limits: limits))
            let session = await Self.connect(bridge, token: try await bench.token().secret)
            var executions: [String] = []
            for _ in 0..<20 {
                executions.append("exec-\(try await bench.run(noops: 5).number)")
            }
            var heard: [String] = []
            var largest = 0
            let ends = executions.map { name in
                #"42["execution-update",{"executionId":"\#(name)","status":"completed""#
            }
            while !ends.allSatisfy({ end in heard.contains { $0.hasPrefix(end) } }) {
                let answer = await Self.poll(session, bridge)
                #expect(answer.status == 200)
                largest = max(largest, answer.body.utf8.count)
                heard += answer.body.split(separator: "\u{1E}").map(String.init)
            }
            // One message may go over the edge.
            #expect(largest < 5_000)
            for name in executions {
                // Each execution has its start, five and two nodes and its end, once each.
                let own = heard.filter {
                    $0.contains(#""executionId":"\#(name)","source""#)
                }
                #expect(own.count == 2 + 2 * 6)
                #expect(own.first?.contains("execution_start") == true)
                #expect(own.last?.contains("execution_complete") == true)
            }
        }
    }

    @Test func `a session ends once its token is revoked, with the poll that waits`() async throws {
        try await BridgeBench.with { bench in
            let bridge = bench.bridge(AutomationDialect(bench.operations, limits: Self.limits))
            let token = try await bench.token()
            let session = await Self.connect(bridge, token: token.secret)
            let waiting = TestExchange.send(.get, session, to: bridge)
            try await bench.revoke(token.id)
            let told = await waiting.whole()
            #expect(told.body == "41")
            let after = await Self.poll(session, bridge)
            #expect(after.status == 400)
        }
    }

    @Test func `a client is refused with the reason, and may try again with another token`()
        async throws
    {
        try await BridgeBench.with { bench in
            let bridge = bench.bridge(AutomationDialect(bench.operations, limits: Self.limits))
            let opening = await TestExchange.send(.get, Self.place, to: bridge).whole().body
            let sid = opening.split(separator: "\"").dropFirst(3).first ?? ""
            let session = "\(Self.place)&sid=\(sid)"
            _ = await Self.post(#"40{"token":"wrong"}"#, session, bridge)
            let refused = await Self.poll(session, bridge)
            #expect(refused.body.hasPrefix(#"44{"message":"#))
            #expect(refused.body.contains("TOKEN_REFUSED"))
            let secret = try await bench.token().secret
            _ = await Self.post(#"40{"token":"\#(secret)"}"#, session, bridge)
            let connected = await Self.poll(session, bridge)
            #expect(connected.body.hasPrefix(#"40{"sid":"#))
        }
    }

    @Test
    func `there are no more sessions than the limit, and who comes later is told when to return`()
        async throws
    {
        try await BridgeBench.with { bench in
            var limits = Self.limits
            limits.sessionsMax = 1
            let bridge = bench.bridge(AutomationDialect(bench.operations, limits: limits))
            _ = await Self.connect(bridge, token: try await bench.token().secret)
            let refused = await TestExchange.send(.get, Self.place, to: bridge).whole()
            #expect(refused.status == 503)
            #expect(refused.head?.headerFields[.retryAfter] == "5")
            #expect(refused.body.contains("TOO_MANY_SESSIONS"))
        }
    }

    @Test func `who does not say who it is holds a tenth of the places, and that for a while only`()
        async throws
    {
        try await BridgeBench.with { bench in
            var limits = Self.limits
            limits.sessionsMax = 10
            let bridge = bench.bridge(AutomationDialect(bench.operations, limits: limits))
            let secret = try await bench.token().secret
            // Who is known takes no place of those who are not.
            for _ in 0..<2 { _ = await Self.connect(bridge, token: secret) }
            _ = await TestExchange.send(.get, Self.place, to: bridge).whole()
            let refused = await TestExchange.send(.get, Self.place, to: bridge).whole()
            #expect(refused.status == 503)
            #expect(refused.head?.headerFields[.retryAfter] == "5")
            #expect(refused.body.contains("TOO_MANY_SESSIONS"))
            limits.connectMilliseconds = 1
            let strict = bench.bridge(AutomationDialect(bench.operations, limits: limits))
            let opening = await TestExchange.send(.get, Self.place, to: strict).whole().body
            let sid = opening.split(separator: "\"").dropFirst(3).first ?? ""
            // The poll waits until the session ends, or comes when it has.
            let ended = await Self.poll("\(Self.place)&sid=\(sid)", strict)
            #expect(ended.status == 400 || ended.body == "1" || ended.body == "6")
            #expect(await TestExchange.send(.get, Self.place, to: strict).whole().status == 200)
        }
    }

    @Test
    func `a client that leaves its poll loses the session, and so does one that says nonsense`()
        async throws
    {
        try await BridgeBench.with { bench in
            let bridge = bench.bridge(AutomationDialect(bench.operations, limits: Self.limits))
            let secret = try await bench.token().secret
            let left = await Self.connect(bridge, token: secret)
            let waiting = TestExchange.send(.get, left, to: bridge)
            _ = await waiting.answer { _ in true }
            waiting.leave()
            _ = await waiting.whole()
            let gone = await Self.poll(left, bridge)
            #expect(gone.status == 400)
            let garbled = await Self.connect(bridge, token: secret)
            #expect(await Self.post("nonsense", garbled, bridge).status == 400)
            #expect(await Self.poll(garbled, bridge).status == 400)
        }
    }
}
