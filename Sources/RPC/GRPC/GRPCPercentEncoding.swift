/// The encoding of `grpc-message`: UTF-8, with everything but printable ASCII, and `%` itself,
/// percent-encoded (grpc/grpc doc/PROTOCOL-HTTP2.md, "Status-Message").
package enum GRPCPercentEncoding {
    private static let hexDigits = Array("0123456789ABCDEF".utf8)

    /// The header value for `message`.
    package static func encode(_ message: String) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.reserveCapacity(message.utf8.count)
        for byte in message.utf8 {
            if isPlain(byte) {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(hexDigits[Int(byte >> 4)])
                encoded.append(hexDigits[Int(byte & 15)])
            }
        }
        return encoded
    }

    /// How many bytes `byte` of a message is sent as.
    static func encodedByteCount(_ byte: UInt8) -> Int { isPlain(byte) ? 1 : 3 }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "%")
    }

    /// The message of a header value. Never fails: what is no valid encoding is kept as it is, what
    /// is no UTF-8 is repaired.
    package static func decode(_ value: some Collection<UInt8>) -> String {
        let value = Array(value)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(value.count)
        var index = 0
        while index < value.count {
            if value[index] == UInt8(ascii: "%"), index + 2 < value.count,
                let high = nibble(value[index + 1]), let low = nibble(value[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(value[index])
                index += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
