internal import Foundation

/// One way in which the value of a secret can stand in a text.
enum SecretForm: Sendable {
    /// Each character as it is, as a URL or a form writes it, or as a JSON string does: whichever
    /// characters an encoder chose to leave alone.
    case text([Unicode.Scalar])
    /// Base64 of it, alone or within more: characters that the value alone decides. At its ends there
    /// may be one that the value decides in part.
    case base64(core: [UInt8], hasLead: Bool, hasTrail: Bool)
    /// Two hexadecimal digits for each byte, in either case, with nothing between.
    case hexadecimal([UInt8])

    /// Fewer characters of base64 or digits may be part of anything.
    private static let coreMin = 8

    /// All forms of a value.
    static func all(of value: String) -> [SecretForm] {
        var forms: [SecretForm] = [.text(Array(value.unicodeScalars))]
        let bytes = Array(value.utf8)
        if bytes.count * 2 >= coreMin { forms.append(.hexadecimal(bytes)) }
        // How many bytes come before it decides how its bits fall into characters.
        for offset in 0..<3 {
            let encoded = Array(
                Data([UInt8](repeating: 0, count: offset) + bytes).base64EncodedString().utf8)
            let begin = (offset * 8 + 5) / 6
            let end = (offset + bytes.count) * 8 / 6
            let hasTrail = (offset + bytes.count) % 3 != 0
            if end - begin >= coreMin {
                forms += variants(encoded[begin..<end]) {
                    .base64(core: $0, hasLead: offset > 0, hasTrail: hasTrail)
                }
            } else if offset == 0 {
                // Too short to be known within more.
                forms += variants(encoded[...]) {
                    .base64(core: $0, hasLead: false, hasTrail: false)
                }
            }
        }
        return forms
    }

    /// In the usual alphabet, and in that of URLs where it differs.
    private static func variants(
        _ encoded: ArraySlice<UInt8>, _ form: ([UInt8]) -> SecretForm
    ) -> [SecretForm] {
        let usual = Array(encoded)
        let forURLs = usual.map { byte -> UInt8 in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: byte
            }
        }
        return usual == forURLs ? [form(usual)] : [form(usual), form(forURLs)]
    }

    /// Bytes that a place may begin with.
    var beginnings: [UInt8] {
        switch self {
        case .text(let scalars):
            guard let first = scalars.first else { return [] }
            var bytes = [UInt8(ascii: "%"), UInt8(ascii: "\\")]
            if let literal = UTF8.encode(first)?.first { bytes.append(literal) }
            if first == " " { bytes.append(UInt8(ascii: "+")) }
            return bytes
        case .base64(let core, _, _):
            return core.prefix(1).map { $0 }
        case .hexadecimal(let value):
            guard let first = value.first else { return [] }
            return Array(Set([Self.digit(first >> 4), Self.digit(first >> 4, isUpper: true)]))
        }
    }

    /// The place that begins at `index`, or one character before it where that is partly of the value;
    /// nil: there is none, or no comparisons are left. Those that it takes are taken off.
    func place(
        in bytes: [UInt8], at index: Int, _ comparisonsLeft: inout Int
    ) -> Range<Int>? {
        switch self {
        case .text(let scalars):
            var ends = [index]
            for scalar in scalars {
                comparisonsLeft -= ends.count
                guard comparisonsLeft > 0 else { return nil }
                var next: [Int] = []
                for end in ends {
                    for longer in Self.ends(of: scalar, in: bytes, at: end)
                    where !next.contains(longer) {
                        next.append(longer)
                    }
                }
                if next.isEmpty { return nil }
                ends = next
            }
            return ends.max().map { index..<$0 }
        case .base64(let core, let hasLead, let hasTrail):
            guard Self.has(core, in: bytes, at: index, &comparisonsLeft) else { return nil }
            var range = index..<index + core.count
            if hasLead, index > 0, Self.isBase64(bytes[index - 1]) {
                range = index - 1..<range.upperBound
            }
            guard hasTrail else { return range }
            var end = range.upperBound
            if end < bytes.count, Self.isBase64(bytes[end]) { end += 1 }
            while end < bytes.count, bytes[end] == UInt8(ascii: "=") { end += 1 }
            return range.lowerBound..<end
        case .hexadecimal(let value):
            guard bytes.count - index >= value.count * 2 else { return nil }
            for (offset, byte) in value.enumerated() {
                let place = index + offset * 2
                for (found, digit) in [(bytes[place], byte >> 4), (bytes[place + 1], byte & 0xF)] {
                    comparisonsLeft -= 1
                    guard comparisonsLeft > 0,
                        found == Self.digit(digit) || found == Self.digit(digit, isUpper: true)
                    else { return nil }
                }
            }
            return index..<index + value.count * 2
        }
    }

    // MARK: Characters

    /// Where the writings of a character end that begin at `index`: none, one or, where what is
    /// written may itself begin one, several.
    private static func ends(of scalar: Unicode.Scalar, in bytes: [UInt8], at index: Int) -> [Int] {
        guard index < bytes.count else { return [] }
        let literal = Array(UTF8.encode(scalar).map { Array($0) } ?? [])
        var ends: [Int] = []
        if has(literal, in: bytes, at: index) { ends.append(index + literal.count) }
        switch bytes[index] {
        case UInt8(ascii: "+") where scalar == " ":
            ends.append(index + 1)
        case UInt8(ascii: "%"):
            var end = index
            for byte in literal {
                guard hexadecimal(bytes, after: UInt8(ascii: "%"), at: end, digits: 2) == Int(byte)
                else { return ends }
                end += 3
            }
            ends.append(end)
        case UInt8(ascii: "\\"):
            if let end = escapeEnd(of: scalar, in: bytes, at: index) { ends.append(end) }
        default: break
        }
        return ends
    }

    /// Where a JSON escape of a character ends that begins at `index`.
    private static func escapeEnd(of scalar: Unicode.Scalar, in bytes: [UInt8], at index: Int)
        -> Int?
    {
        guard index + 1 < bytes.count else { return nil }
        let short: Unicode.Scalar? =
            switch bytes[index + 1] {
            case UInt8(ascii: "\""): "\""
            case UInt8(ascii: "\\"): "\\"
            case UInt8(ascii: "/"): "/"
            case UInt8(ascii: "b"): "\u{8}"
            case UInt8(ascii: "f"): "\u{C}"
            case UInt8(ascii: "n"): "\n"
            case UInt8(ascii: "r"): "\r"
            case UInt8(ascii: "t"): "\t"
            default: nil
            }
        if short == scalar { return index + 2 }
        var end = index
        for unit in UTF16.encode(scalar).map({ Array($0) }) ?? [] {
            guard end < bytes.count, bytes[end] == UInt8(ascii: "\\"),
                hexadecimal(bytes, after: UInt8(ascii: "u"), at: end + 1, digits: 4) == Int(unit)
            else { return nil }
            end += 6
        }
        return end
    }

    /// The number in so many hexadecimal digits after `head`, which is to be at `index`.
    private static func hexadecimal(
        _ bytes: [UInt8], after head: UInt8, at index: Int, digits: Int
    ) -> Int? {
        guard index + digits < bytes.count, bytes[index] == head else { return nil }
        var value = 0
        for byte in bytes[(index + 1)...(index + digits)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    private static func has(
        _ part: [UInt8], in bytes: [UInt8], at index: Int, _ comparisonsLeft: inout Int
    ) -> Bool {
        guard bytes.count - index >= part.count else { return false }
        for offset in part.indices {
            comparisonsLeft -= 1
            guard comparisonsLeft > 0, bytes[index + offset] == part[offset] else { return false }
        }
        return true
    }

    private static func has(_ part: [UInt8], in bytes: [UInt8], at index: Int) -> Bool {
        guard !part.isEmpty, bytes.count - index >= part.count else { return false }
        for offset in part.indices where bytes[index + offset] != part[offset] { return false }
        return true
    }

    /// Of a number below 16.
    private static func digit(_ value: UInt8, isUpper: Bool = false) -> UInt8 {
        switch value {
        case 0..<10: UInt8(ascii: "0") + value
        case _ where isUpper: UInt8(ascii: "A") + value - 10
        default: UInt8(ascii: "a") + value - 10
        }
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"),
            UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
