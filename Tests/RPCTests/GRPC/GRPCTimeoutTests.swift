import RPC
import Testing

@Suite struct GRPCTimeoutTests {
    @Test(arguments: [
        ("1n", Duration.nanoseconds(1)), ("20u", .microseconds(20)), ("300m", .milliseconds(300)),
        ("4S", .seconds(4)), ("5M", .seconds(300)), ("6H", .seconds(21600)), ("0S", .zero),
        ("00000001S", .seconds(1)), ("99999999H", .seconds(359_999_996_400)),
    ])
    func `a number with a unit is a time-out`(text: String, timeout: Duration) {
        #expect(GRPCTimeout.parse(text.utf8) == timeout)
    }

    @Test(arguments: [
        "", "S", "1", "1s", "1SS", "S1", "-1S", "+1S", "1.5S", " 1S", "1S ", "123456789S", "1 S",
        "0x1S", "١S",
    ])
    func `anything else is malformed`(text: String) {
        #expect(GRPCTimeout.parse(text.utf8) == nil)
    }

    @Test(arguments: [
        (Duration.nanoseconds(1), "1n"), (.nanoseconds(99_999_999), "99999999n"),
        (.nanoseconds(100_000_001), "100001u"), (.seconds(1), "1000000u"),
        (.seconds(86400), "86400000m"), (.zero, "0n"), (.seconds(-1), "0n"),
        (.seconds(400_000_000_000_000), "99999999H"),
    ])
    func `a time-out is written in the finest unit that fits, rounded up`(
        timeout: Duration, text: String
    ) {
        #expect(GRPCTimeout.format(timeout) == text)
    }
}
