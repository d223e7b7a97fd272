/// The values of metadata whose name ends in `-bin`: base64, padded or not, several values joined
/// by commas (grpc/grpc doc/PROTOCOL-HTTP2.md, "Custom-Metadata").
package enum GRPCBinaryValue {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The header value of `bytes`, without padding.
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.reserveCapacity((bytes.count * 4 + 2) / 3)
        var bits: UInt32 = 0
        var bitCount = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                encoded.append(alphabet[Int(bits >> UInt32(bitCount)) & 63])
            }
        }
        if bitCount > 0 { encoded.append(alphabet[Int(bits << UInt32(6 - bitCount)) & 63]) }
        return encoded
    }

    /// All values in a header's value; nil for those that are no base64.
    package static func decodeAll(_ value: some Collection<UInt8>) -> [[UInt8]?] {
        var values: [[UInt8]?] = []
        for part in Array(value).split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        {
            values.append(decode(part))
        }
        return values
    }

    /// The bytes of one value; nil if it is no base64.
    package static func decode(_ value: some Collection<UInt8>) -> [UInt8]? {
        var digits = Array(value)[...].drop(while: isBlank)
        var decoded: [UInt8] = []
        var bits: UInt32 = 0
        var bitCount = 0
        var paddingCount = 0
        var digitCount = 0
        while let digit = digits.first {
            digits = digits.dropFirst()
            if isBlank(digit) {
                guard digits.allSatisfy(isBlank) else { return nil }
                break
            }
            if digit == UInt8(ascii: "=") {
                paddingCount += 1
                continue
            }
            guard paddingCount == 0, let sextet = sextet(digit) else { return nil }
            digitCount += 1
            bits = bits << 6 | sextet
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                decoded.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        // One digit left over holds no byte; padding, where there is some, fills a group of four.
        guard digitCount % 4 != 1, paddingCount == 0 || (digitCount + paddingCount) % 4 == 0,
            paddingCount <= 2
        else { return nil }
        return decoded
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    private static func sextet(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
