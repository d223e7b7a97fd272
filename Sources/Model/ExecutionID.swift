/// An execution's UUIDv7 (RFC 9562, section 5.7): unique everywhere, growing with time.
public struct ExecutionID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first and the last eight bytes, big endian.
    public let high: UInt64
    public let low: UInt64

    /// An id of the given instant; `random` fills its 74 random bits.
    public init(time: WallTime, random: (UInt64, UInt64)) {
        let milliseconds = UInt64(bitPattern: time.microseconds / 1_000)
        high = milliseconds << 16 | 0x7000 | random.0 & 0x0FFF
        low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
    }

    /// An id from its stored halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Parses the 8-4-4-4-12 form, either case; nil for anything else.
    public init?(_ text: some StringProtocol) {
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        var position = 0
        for byte in text.utf8 {
            switch position {
            case 8, 13, 18, 23:
                guard byte == UInt8(ascii: "-") else { return nil }
            default:
                let digit: UInt64
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte) - 48
                case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt64(byte) - 87
                case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt64(byte) - 55
                default: return nil
                }
                if digits < 16 {
                    halves.0 = halves.0 << 4 | digit
                } else {
                    halves.1 = halves.1 << 4 | digit
                }
                digits += 1
            }
            position += 1
            guard position <= 36 else { return nil }
        }
        guard position == 36, digits == 32 else { return nil }
        high = halves.0
        low = halves.1
    }

    /// The lower-case 8-4-4-4-12 form.
    public var description: String {
        unsafe String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    unsafe buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let half = index < 16 ? high : low
                let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (index % 16)) & 15)
                unsafe buffer[position] = digit < 10 ? digit + 48 : digit + 87
                position += 1
            }
            return position
        }
    }

    /// Orders by time, then by the random bits.
    public static func < (left: ExecutionID, right: ExecutionID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
