internal import ProtobufRuntime
import Testing

@Suite("Protobuf durations")
struct ProtobufDurationTests {
    @Test(
        "have a text form that reads back",
        arguments: [
            (0, 0, "0s"), (1, 500_000_000, "1.500s"), (0, 1, "0.000000001s"),
            (0, -1000, "-0.000001s"),
            (-3, -250_000_000, "-3.250s"), (315_576_000_000, 0, "315576000000s"),
        ] as [(Int64, Int32, String)])
    func texts(_ seconds: Int64, _ nanos: Int32, _ text: String) {
        let duration = ProtobufDuration(seconds: seconds, nanos: nanos)
        #expect(duration.text == text)
        #expect(ProtobufDuration(text: text) == duration)
    }

    @Test("fractions of any length up to nine digits are read")
    func fractions() {
        #expect(ProtobufDuration(text: "1.5s") == ProtobufDuration(seconds: 1, nanos: 500_000_000))
        #expect(
            ProtobufDuration(text: "01.1234s") == ProtobufDuration(seconds: 1, nanos: 123_400_000))
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "s", "1", "-s", "1.s", ".5s", "1.1234567890s", "+1s", "1 s", "1S", "--1s", "1ss",
            "315576000001s", "999999999999999999s", "9999999999999999999s", "1e3s", "1m",
        ])
    func refused(_ text: String) {
        #expect(ProtobufDuration(text: text) == nil)
    }

    @Test("convert to and from Swift's")
    func conversion() {
        for duration: Duration in [
            .zero, .seconds(1.5), .milliseconds(-1500), .nanoseconds(1), .seconds(-7),
        ] {
            #expect(ProtobufDuration(duration).isValid)
            #expect(ProtobufDuration(duration).duration == duration)
        }
    }

    @Test("with parts of two signs or out of range are not valid, and still have a text")
    func invalid() {
        for duration in [
            ProtobufDuration(seconds: 1, nanos: -1), ProtobufDuration(seconds: .max),
            ProtobufDuration(nanos: .min), ProtobufDuration(seconds: .min, nanos: .min),
        ] {
            #expect(!duration.isValid)
            #expect(duration.text.hasSuffix("s"))
        }
    }
}
