import Model
import Testing

@testable import Operations

struct TokenBucketTests {
    private static func time(_ milliseconds: Int64) -> WallTime {
        WallTime(microseconds: milliseconds * 1_000)
    }

    @Test func `a minute's calls may come at once, and no more`() {
        var bucket = TokenBucket(perMinute: 3, now: Self.time(0))
        for remaining in [2, 1, 0] {
            guard case .allowed(let status) = bucket.called(now: Self.time(0)) else {
                Issue.record("refused with \(remaining) left")
                return
            }
            #expect(status.limit == 3)
            #expect(status.remaining == remaining)
        }
        // A third of a minute brings the next.
        guard case .refused(let status, let retryAfter) = bucket.called(now: Self.time(0)) else {
            Issue.record("allowed a fourth")
            return
        }
        #expect(status.remaining == 0)
        #expect(status.resetSeconds == 60)
        #expect(retryAfter == .seconds(20))
        guard case .refused = bucket.called(now: Self.time(19_999)) else {
            Issue.record("allowed too early")
            return
        }
        guard case .allowed = bucket.called(now: Self.time(20_000)) else {
            Issue.record("refused when it was told to come")
            return
        }
    }

    @Test func `it fills evenly, however often it is asked`() {
        var bucket = TokenBucket(perMinute: 60, now: Self.time(0))
        for _ in 0..<60 { _ = bucket.called(now: Self.time(0)) }
        var allowed = 0
        for millisecond in 1...10_000 as ClosedRange<Int64> {
            if case .allowed = bucket.called(now: Self.time(millisecond)) { allowed += 1 }
        }
        #expect(allowed == 10)
    }

    @Test func `it holds no more than a minute's calls, also after a year`() {
        var bucket = TokenBucket(perMinute: 6_000_000, now: Self.time(0))
        let year: Int64 = 365 * 86_400_000
        guard case .allowed(let status) = bucket.called(now: Self.time(year)) else {
            Issue.record("refused")
            return
        }
        #expect(status.remaining == 5_999_999)
    }

    @Test func `a clock that is put back neither fills nor locks it`() {
        var bucket = TokenBucket(perMinute: 1, now: Self.time(3_600_000))
        _ = bucket.called(now: Self.time(3_600_000))
        guard case .refused(_, let retryAfter) = bucket.called(now: Self.time(0)) else {
            Issue.record("allowed")
            return
        }
        #expect(retryAfter == .seconds(60))
        guard case .allowed = bucket.called(now: Self.time(60_000)) else {
            Issue.record("refused when it was told to come")
            return
        }
    }
}
