/// The value of the `grpc-timeout` header: at most eight digits and a unit
/// (grpc/grpc doc/PROTOCOL-HTTP2.md, "Timeout").
package enum GRPCTimeout {
    private static let nanosecondsByUnit: [(unit: UInt8, nanoseconds: Int64)] = [
        (UInt8(ascii: "n"), 1),
        (UInt8(ascii: "u"), 1_000),
        (UInt8(ascii: "m"), 1_000_000),
        (UInt8(ascii: "S"), 1_000_000_000),
        (UInt8(ascii: "M"), 60_000_000_000),
        (UInt8(ascii: "H"), 3_600_000_000_000),
    ]
    private static let digitsMax = 8

    private static func unitSize(_ unit: UInt8) -> Int64? {
        for entry in nanosecondsByUnit where entry.unit == unit { return entry.nanoseconds }
        return nil
    }

    /// The time-out that `value` stands for; nil if it is malformed.
    package static func parse(_ value: some Collection<UInt8>) -> Duration? {
        var count: Int64 = 0
        var digitCount = 0
        var nanoseconds: Int64?
        for byte in value {
            guard nanoseconds == nil else { return nil }
            if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                digitCount += 1
                guard digitCount <= digitsMax else { return nil }
                count = count * 10 + Int64(byte - UInt8(ascii: "0"))
            } else {
                guard digitCount > 0, let size = unitSize(byte) else { return nil }
                nanoseconds = size
            }
        }
        guard let nanoseconds else { return nil }
        // 99,999,999 hours are more nanoseconds than an Int64 holds.
        let (seconds, rest) = (Int128(nanoseconds) * Int128(count)).quotientAndRemainder(
            dividingBy: 1_000_000_000)
        return .seconds(Int64(seconds)) + .nanoseconds(Int64(rest))
    }

    /// The header value for `timeout`, in the finest unit that fits; rounded up, so that the server
    /// never gives up before the client. A negative time-out is zero.
    package static func format(_ timeout: Duration) -> String {
        let (seconds, attoseconds) = timeout.components
        guard seconds >= 0, attoseconds >= 0 else { return "0n" }
        let nanoseconds =
            Int128(seconds) * 1_000_000_000 + Int128((attoseconds + 999_999_999) / 1_000_000_000)
        for (unit, size) in nanosecondsByUnit {
            let count = (nanoseconds + Int128(size) - 1) / Int128(size)
            if count <= 99_999_999 { return "\(count)\(Character(UnicodeScalar(unit)))" }
        }
        return "99999999H"
    }
}
