import Model
import Testing

@Suite struct WallTimeTests {
    @Test func `durations add and subtract in microseconds`() {
        let start = WallTime(microseconds: 1_500_000)
        #expect(start.advanced(by: .milliseconds(2_250)).microseconds == 3_750_000)
        #expect(start.advanced(by: .seconds(-2)).microseconds == -500_000)
        #expect(start.duration(to: WallTime(microseconds: 500_000)) == .seconds(-1))
    }

    @Test func `a duration that leaves the range stops at its end`() {
        let start = WallTime(microseconds: .max - 1)
        #expect(start.advanced(by: .seconds(1)).microseconds == .max)
        #expect(start.advanced(by: .seconds(Int64.max)).microseconds == .max)
        #expect(WallTime(microseconds: .min).advanced(by: .seconds(-1)).microseconds == .min)
    }
}
