internal import ProtobufRuntime
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "have an RFC 3339 form that reads back",
        arguments: [
            (0, 0, "1970-01-01T00:00:00Z"),
            (1_767_225_600, 500_000_000, "2026-01-01T00:00:00.500Z"),
            (951_782_400, 1000, "2000-02-29T00:00:00.000001Z"),
            (-1, 999_999_999, "1969-12-31T23:59:59.999999999Z"),
            (-62_135_596_800, 0, "0001-01-01T00:00:00Z"),
            (253_402_300_799, 999_000_000, "9999-12-31T23:59:59.999Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00Z"), (-2_203_891_200, 0, "1900-03-01T00:00:00Z"),
        ] as [(Int64, Int32, String)])
    func texts(_ seconds: Int64, _ nanos: Int32, _ text: String) {
        let timestamp = Timestamp(seconds: seconds, nanos: nanos)
        #expect(timestamp.rfc3339 == text)
        #expect(Timestamp(rfc3339: text) == timestamp)
    }

    @Test("every 17th day from 1600 to 2400 reads back, and days follow each other")
    func days() {
        var previous = ""
        for day in stride(from: Int64(-135_140), through: 157_054, by: 17) {
            let text = Timestamp(seconds: day * 86_400).rfc3339
            #expect(text > previous)
            #expect(Timestamp(rfc3339: text)?.seconds == day * 86_400)
            previous = text
        }
    }

    @Test("offsets and small letters are read")
    func offsets() {
        let expected = Timestamp(seconds: 1_767_225_600)
        for text in [
            "2026-01-01T00:00:00Z", "2026-01-01t00:00:00z", "2026-01-01T02:30:00+02:30",
            "2025-12-31T23:00:00-01:00", "2026-01-01T00:00:00.000000000Z",
        ] {
            #expect(Timestamp(rfc3339: text) == expected)
        }
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "Z", "2026-01-01", "2026-01-01T00:00Z", "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
            "2026-1-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:60Z",
            "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "1900-02-29T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00Zx",
            "+2026-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+0100",
        ])
    func refused(_ text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test("count milliseconds and nanoseconds, also before 1970")
    func counts() {
        for milliseconds: Int64 in [0, 1, -1, 999, -999, -1000, -1001, 1_767_225_600_123] {
            let timestamp = Timestamp(millisecondsSinceEpoch: milliseconds)
            #expect(timestamp.isValid)
            #expect(timestamp.millisecondsSinceEpoch == milliseconds)
        }
        for nanoseconds: Int64 in [0, 1, -1, .max, .min, 1_767_225_600_123_456_789] {
            let timestamp = Timestamp(nanosecondsSinceEpoch: nanoseconds)
            #expect(timestamp.isValid)
            #expect(timestamp.nanosecondsSinceEpoch == nanoseconds)
        }
        // Further than nanoseconds reach.
        for microseconds: Int64 in [0, 1, -1, -1_000_001, 253_402_300_799_999_999] {
            let timestamp = Timestamp(microsecondsSinceEpoch: microseconds)
            #expect(timestamp.isValid)
            #expect(timestamp.microsecondsSinceEpoch == microseconds)
        }
        #expect(Timestamp(seconds: .max).millisecondsSinceEpoch == .max)
        #expect(Timestamp(seconds: .min).nanosecondsSinceEpoch == .min)
    }

    @Test("out of range, are shown as the nearest that is in range")
    func clamped() {
        #expect(Timestamp(seconds: .max, nanos: .max).rfc3339 == "9999-12-31T23:59:59.999999999Z")
        #expect(Timestamp(seconds: .min, nanos: .min).rfc3339 == "0001-01-01T00:00:00Z")
        #expect(!Timestamp(seconds: .max).isValid)
        #expect(!Timestamp(nanos: -1).isValid)
    }

    @Test("are ordered")
    func order() {
        #expect(Timestamp(seconds: 1, nanos: 2) < Timestamp(seconds: 1, nanos: 3))
        #expect(Timestamp(seconds: 1, nanos: 9) < Timestamp(seconds: 2))
    }
}
