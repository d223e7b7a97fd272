/// The escapes of JSON strings, both ways.
enum JSONEscapes {
    /// The text of a string's bytes between its quotes; nil for escapes that are none.
    static func resolved(_ raw: ArraySlice<UInt8>) -> [UInt8]? {
        var text: [UInt8] = []
        text.reserveCapacity(raw.count)
        var index = raw.startIndex
        while index < raw.endIndex {
            let byte = raw[index]
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                index += 1
                continue
            }
            guard index + 1 < raw.endIndex else { return nil }
            switch raw[index + 1] {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                guard let (scalar, count) = scalar(raw, at: index) else { return nil }
                text.append(contentsOf: UTF8.encode(scalar) ?? .init())
                index += count
                continue
            case let other: text.append(other)
            }
            index += 2
        }
        return text
    }

    /// The scalar of `\uXXXX`, or of a pair of them, and how many bytes it takes.
    private static func scalar(_ raw: ArraySlice<UInt8>, at index: Int) -> (Unicode.Scalar, Int)? {
        guard let high = unit(raw, at: index + 2) else { return nil }
        if let scalar = Unicode.Scalar(high) { return (scalar, 6) }
        guard index + 7 < raw.endIndex, raw[index + 6] == UInt8(ascii: "\\"),
            raw[index + 7] == UInt8(ascii: "u"), let low = unit(raw, at: index + 8),
            (0xDC00..<0xE000).contains(low), high < 0xDC00,
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { return nil }
        return (scalar, 12)
    }

    private static func unit(_ raw: ArraySlice<UInt8>, at index: Int) -> UInt32? {
        guard index + 4 <= raw.endIndex else { return nil }
        return UInt32(String(decoding: raw[index..<index + 4], as: UTF8.self), radix: 16)
    }

    /// Appends text as a string's bytes between its quotes.
    static func append(_ text: [UInt8], to output: inout [UInt8]) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case 0x0A: output += Array(#"\n"#.utf8)
            case 0x0D: output += Array(#"\r"#.utf8)
            case 0x09: output += Array(#"\t"#.utf8)
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                output += Array(#"\u00"#.utf8)
                output += [digits[Int(byte >> 4)], digits[Int(byte & 0x0F)]]
            default: output.append(byte)
            }
        }
    }
}
