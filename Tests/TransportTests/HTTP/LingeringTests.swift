import NIOCore
import Testing

@testable import Transport

/// How long clients that were answered early are heard.
@Suite struct LingeringTests {
    private let start = NIODeadline.uptimeNanoseconds(0)
    private let limits = {
        var limits = HTTPLimits()
        limits.lingerTimeout = .seconds(2)
        limits.lingerTimeMax = .seconds(5)
        return limits
    }()

    @Test func `who sends nothing is heard for one wait`() {
        var lingering = Lingering(limits, now: start)
        #expect(lingering.firstWait == .seconds(2))
        let next = lingering.nextWait(now: start + .seconds(2))
        #expect(next == nil)
    }

    @Test func `who goes on sending is heard again, up to the end`() {
        var lingering = Lingering(limits, now: start)
        var waits: [TimeAmount?] = []
        for second in [2, 4, 5] {
            lingering.heard()
            waits.append(lingering.nextWait(now: start + .seconds(Int64(second))))
        }
        #expect(waits == [.seconds(2), .seconds(1), nil])
    }

    @Test func `who pauses for a whole wait is heard no more`() {
        var lingering = Lingering(limits, now: start)
        lingering.heard()
        let first = lingering.nextWait(now: start + .seconds(2))
        let second = lingering.nextWait(now: start + .seconds(4))
        #expect(first == .seconds(2))
        #expect(second == nil)
    }
}
