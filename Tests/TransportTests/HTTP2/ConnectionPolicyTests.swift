import NIOCore
import Testing

@testable import Transport

@Suite struct PingPolicyTests {
    private let start = NIODeadline.now()

    @Test func `two pings that come too soon are forgiven, the third is not`() {
        var policy = PingPolicy(PingPolicy.Limits())
        let value1 = policy.receivedPing(now: start, hasCalls: true)
        #expect(value1)
        let value2 = policy.receivedPing(now: start + .seconds(1), hasCalls: true)
        #expect(value2)
        let value3 = policy.receivedPing(now: start + .seconds(2), hasCalls: true)
        #expect(value3)
        let value4 = policy.receivedPing(now: start + .seconds(3), hasCalls: true)
        #expect(!value4)
    }

    @Test func `pings far enough apart are never too many`() {
        var policy = PingPolicy(PingPolicy.Limits())
        for minutes in 0..<10 {
            let value5 = policy.receivedPing(
                now: start + .minutes(Int64(5 * minutes)), hasCalls: true)
            #expect(value5)
        }
    }

    @Test func `without calls they must be two hours apart`() {
        var policy = PingPolicy(PingPolicy.Limits())
        var tolerated: [Bool] = []
        for minutes in [0, 30, 60, 90] {
            tolerated.append(
                policy.receivedPing(now: start + .minutes(Int64(minutes)), hasCalls: false))
        }
        #expect(tolerated == [true, true, true, false])
    }

    @Test func `writing a call's frames forgives everything`() {
        var policy = PingPolicy(PingPolicy.Limits())
        for _ in 0..<100 {
            for _ in 0..<3 {
                let value6 = policy.receivedPing(now: start, hasCalls: true)
                #expect(value6)
            }
            policy.wroteCallFrame()
        }
    }
}

@Suite struct TokenBucketTests {
    private let start = NIODeadline.now()

    @Test func `a burst passes, then what is refilled`() {
        var bucket = TokenBucket(TokenBucket.Limits(burst: 3, perSecond: 2), now: start)
        let taken = (0..<4).map { _ in bucket.take(now: start) }
        #expect(taken == [true, true, true, false])
        let early = bucket.take(now: start + .milliseconds(499))
        #expect(!early)
        let later = (0..<2).map { _ in bucket.take(now: start + .milliseconds(500)) }
        #expect(later == [true, false])
    }

    @Test func `a long pause fills it, and no more`() {
        var bucket = TokenBucket(TokenBucket.Limits(burst: 2, perSecond: 1), now: start)
        _ = bucket.take(now: start)
        let later = start + .hours(24 * 365 * 10)
        let taken = (0..<3).map { _ in bucket.take(now: later) }
        #expect(taken == [true, true, false])
    }
}

@Suite struct ReceiveCreditTests {
    @Test func `what is held is not granted`() {
        var credit = ReceiveCredit()
        credit.received(100)
        let value7 = credit.grant(keeping: 60)
        #expect(value7 == 40)
        let value8 = credit.grant(keeping: 60)
        #expect(value8 == 0)
        let value9 = credit.grant(keeping: 0)
        #expect(value9 == 60)
        let value10 = credit.grant(keeping: 0)
        #expect(value10 == 0)
    }

    @Test func `what was granted early is made up for`() {
        var credit = ReceiveCredit()
        credit.received(1000)
        let value11 = credit.grant(keeping: 0)
        #expect(value11 == 1000)
        // The message they belong to is complete now, and held until its handler takes it.
        credit.received(10)
        let value12 = credit.grant(keeping: 1010)
        #expect(value12 == 0)
        let value13 = credit.grant(keeping: 0)
        #expect(value13 == 10)
    }
}

@Suite struct ConnectionLifetimeTests {
    private let start = NIODeadline.now()

    private func lifetime(_ change: (inout HTTP2Limits) -> Void = { _ in }) -> ConnectionLifetime {
        var limits = HTTP2Limits()
        limits.idleMax = .minutes(15)
        change(&limits)
        var lifetime = ConnectionLifetime(limits, now: start, jitter: 0)
        lifetime.headersAreIncomplete(false, now: start)
        return lifetime
    }

    @Test func `a client that does not complete its preface is cut off`() {
        var lifetime = ConnectionLifetime(HTTP2Limits(), now: start, jitter: 0)
        #expect(lifetime.nextWakeUp == start + .seconds(10))
        let value14 = lifetime.wokeUp(now: start + .seconds(9))
        #expect(value14 == [])
        let value15 = lifetime.wokeUp(now: start + .seconds(10))
        #expect(
            value15 == [
                .close("the client did not complete its preface or header block")
            ])
        #expect(lifetime.nextWakeUp == nil)
    }

    @Test func `an idle connection is drained, one with streams is not`() {
        var lifetime = lifetime()
        lifetime.openedStream()
        let value16 = lifetime.wokeUp(now: start + .minutes(20))
        #expect(value16 == [])
        lifetime.closedLastStream(now: start + .minutes(20))
        #expect(lifetime.nextWakeUp == start + .minutes(35))
        let value17 = lifetime.wokeUp(now: start + .minutes(35))
        #expect(value17 == [.notifyShutdown(ConnectionLifetime.shutdownPing)])
    }

    @Test func `a drain names the last stream when the client answered, then the grace runs out`() {
        var lifetime = lifetime()
        let value18 = lifetime.drain("shutdown", now: start)
        #expect(value18 == [.notifyShutdown(ConnectionLifetime.shutdownPing)])
        let value19 = lifetime.drain("again", now: start)
        #expect(value19 == [])
        let value20 = lifetime.pingAnswered(99)
        #expect(value20 == [])
        let value21 = lifetime.pingAnswered(ConnectionLifetime.shutdownPing)
        #expect(value21 == [.goAway("shutdown")])
        let value22 = lifetime.pingAnswered(ConnectionLifetime.shutdownPing)
        #expect(value22 == [])
        let value23 = lifetime.wokeUp(now: start + .seconds(30))
        #expect(
            value23 == [
                .close("the grace time of the drain is over")
            ])
    }

    @Test func `a client that answers no ping is drained all the same`() {
        var lifetime = lifetime()
        _ = lifetime.drain("shutdown", now: start)
        #expect(lifetime.nextWakeUp == start + .seconds(5))
        let value24 = lifetime.wokeUp(now: start + .seconds(5))
        #expect(value24 == [.goAway("shutdown")])
    }

    @Test func `a listener's connection is drained for as long as the listener allows`() {
        let limits = HTTP2Limits(TransportLimits())
        var lifetime = ConnectionLifetime(limits, now: start, jitter: 0)
        lifetime.headersAreIncomplete(false, now: start)
        lifetime.openedStream()
        _ = lifetime.drain("shutdown", now: start)
        let farewell = lifetime.pingAnswered(ConnectionLifetime.shutdownPing)
        #expect(farewell == [.goAway("shutdown")])
        let actions = lifetime.wokeUp(now: start + .minutes(60))
        #expect(actions == [])
    }

    @Test func `age is limited, varied by a tenth`() {
        var limits = HTTP2Limits()
        limits.ageMax = .minutes(10)
        var lifetime = ConnectionLifetime(limits, now: start, jitter: -1)
        lifetime.headersAreIncomplete(false, now: start)
        lifetime.openedStream()
        #expect(lifetime.nextWakeUp == start + .minutes(9))
        let value25 = lifetime.wokeUp(now: start + .minutes(9))
        #expect(value25 == [.notifyShutdown(ConnectionLifetime.shutdownPing)])
    }

    @Test func `a silent client is pinged, and closed if it stays silent`() {
        var lifetime = lifetime { $0.idleMax = nil }
        let value26 = lifetime.wokeUp(now: start + .hours(2))
        #expect(value26 == [.ping(ConnectionLifetime.keepalivePing)])
        #expect(lifetime.nextWakeUp == start + .hours(2) + .seconds(20))
        let value27 = lifetime.wokeUp(now: start + .hours(2) + .seconds(20))
        #expect(
            value27 == [
                .close("the client answered no ping")
            ])
    }

    @Test func `a silent client that answers is left alone again`() {
        var lifetime = lifetime { $0.idleMax = nil }
        _ = lifetime.wokeUp(now: start + .hours(2))
        lifetime.received(now: start + .hours(2) + .seconds(1))
        #expect(lifetime.nextWakeUp == start + .hours(4) + .seconds(1))
    }

    @Test func `output that nobody takes ends the connection, any progress spares it`() {
        var lifetime = lifetime()
        lifetime.output(isWaiting: true, madeProgress: false, now: start)
        lifetime.output(isWaiting: true, madeProgress: true, now: start + .seconds(59))
        let value28 = lifetime.wokeUp(now: start + .seconds(60))
        #expect(value28 == [])
        lifetime.output(isWaiting: true, madeProgress: false, now: start + .seconds(100))
        let value29 = lifetime.wokeUp(now: start + .seconds(119))
        #expect(
            value29 == [
                .close("the client took nothing of what waits for it")
            ])
    }
}

@Suite struct SendQueueTests {
    @Test(arguments: 1...30)
    func `messages leave with their prefix however they are cut`(pieceByteCount: Int) {
        var queue = SendQueue()
        queue.append(message: ByteBuffer(string: "hello"), isCompressed: false)
        queue.append(message: ByteBuffer(), isCompressed: true)
        queue.append(bytes: ByteBuffer(string: "plain"))
        #expect(queue.byteCount == 20)
        var output = ByteBuffer()
        while !queue.isEmpty { queue.write(min(pieceByteCount, queue.byteCount), to: &output) }
        #expect(
            Array(output.readableBytesView)
                == [0, 0, 0, 0, 5] + Array("hello".utf8) + [1, 0, 0, 0, 0] + Array("plain".utf8))
    }
}
