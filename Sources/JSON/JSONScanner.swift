/// Reads the tokens of one JSON text (RFC 8259, strictly), with nothing allocated on the way.
///
/// A value: it holds the bytes and a position. `JSONScanner+Build` makes values of the tokens,
/// `JSONScanner+Validate` only checks them.
struct JSONScanner {
    let bytes: [UInt8]
    let limits: JSONLimits
    var position = 0
    var depth = 0

    init(bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
        self.bytes = bytes
        self.limits = limits
        guard bytes.count <= limits.bytesMax else {
            throw JSONError(
                code: .size, offset: limits.bytesMax, line: 1,
                message: "text of \(bytes.count) bytes exceeds the limit of \(limits.bytesMax)")
        }
    }

    /// A string token: the bytes between its quotes, and whether they hold escapes.
    struct StringToken {
        var range: Range<Int>
        var isEscaped: Bool
    }

    // MARK: Structure

    mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// The next byte after white space, which stays unread.
    mutating func peek(expecting expected: StaticString) throws(JSONError) -> UInt8 {
        skipWhitespace()
        guard position < bytes.count else { throw unexpected(expected) }
        return bytes[position]
    }

    mutating func enter() throws(JSONError) {
        depth += 1
        guard depth <= limits.depthMax else {
            throw failure(.depth, "nesting exceeds the limit of \(limits.depthMax) levels")
        }
        position += 1
    }

    mutating func leave() {
        depth -= 1
        position += 1
    }

    mutating func finish() throws(JSONError) {
        skipWhitespace()
        guard position == bytes.count else { throw unexpected("the end of the text") }
    }

    mutating func scanLiteral(_ literal: StaticString) throws(JSONError) {
        let start = position
        for index in 0..<literal.utf8CodeUnitCount {
            let byte = unsafe literal.utf8Start[index]
            guard position < bytes.count, bytes[position] == byte else {
                position = start
                throw unexpected("a JSON value")
            }
            position += 1
        }
    }

    /// Reads the colon between a member's name and its value.
    mutating func scanColon() throws(JSONError) {
        guard try peek(expecting: "':' after a member's name") == UInt8(ascii: ":") else {
            throw unexpected("':' after a member's name")
        }
        position += 1
    }

    // MARK: Numbers

    /// Reads `-? int frac? exp?` and gives the bytes of its text.
    mutating func scanNumber() throws(JSONError) -> Range<Int> {
        let start = position
        if byteHere == UInt8(ascii: "-") { position += 1 }
        if byteHere == UInt8(ascii: "0") {
            position += 1
            if isDigitHere { throw unexpected("no digit after a leading zero") }
        } else {
            try scanDigits()
        }
        if byteHere == UInt8(ascii: ".") {
            position += 1
            try scanDigits()
        }
        if byteHere | 0x20 == UInt8(ascii: "e") {
            position += 1
            if byteHere == UInt8(ascii: "+") || byteHere == UInt8(ascii: "-") { position += 1 }
            let exponentStart = position
            try scanDigits()
            var exponent = 0
            for index in exponentStart..<position where exponent <= JSONLimits.exponentMax {
                exponent = exponent * 10 + Int(bytes[index] & 0x0F)
            }
            guard exponent <= JSONLimits.exponentMax else {
                position = exponentStart
                throw failure(.number, "exponent exceeds the limit of \(JSONLimits.exponentMax)")
            }
        }
        guard position - start <= JSONLimits.numberBytesMax else {
            let length = position - start
            position = start
            throw failure(
                .number,
                "number of \(length) bytes exceeds the limit of \(JSONLimits.numberBytesMax)")
        }
        return start..<position
    }

    private mutating func scanDigits() throws(JSONError) {
        guard isDigitHere else { throw unexpected("a digit") }
        while isDigitHere { position += 1 }
    }

    /// The byte at the position, or 0 at the end: no token holds a raw zero byte.
    private var byteHere: UInt8 { position < bytes.count ? bytes[position] : 0 }
    private var isDigitHere: Bool { byteHere &- UInt8(ascii: "0") < 10 }

    // MARK: Strings

    /// Reads a string with its quotes, checking escapes and UTF-8 (RFC 3629).
    mutating func scanString() throws(JSONError) -> StringToken {
        position += 1
        let start = position
        var isEscaped = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return StringToken(range: start..<position - 1, isEscaped: isEscaped)
            case UInt8(ascii: "\\"):
                isEscaped = true
                _ = try scanEscape()
            case 0..<0x20:
                throw unexpected("an escape instead of a control character in a string")
            case 0x20..<0x80:
                position += 1
            default:
                try scanMultibyte()
            }
        }
        throw unexpected("'\"' at the end of a string")
    }

    /// Reads one escape, a whole surrogate pair where it begins one, and gives its scalar.
    mutating func scanEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        position += 1
        let byte = byteHere
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try scanUnicodeEscape(from: start)
        default:
            position = min(start + 1, bytes.count)
            throw unexpected("one of \"\\/bfnrtu after '\\'")
        }
    }

    private mutating func scanUnicodeEscape(from start: Int) throws(JSONError) -> Unicode.Scalar {
        let unit = try scanHexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        if unit < 0xDC00, byteHere == UInt8(ascii: "\\"), position + 1 < bytes.count,
            bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try scanHexadecimal()
            if (0xDC00..<0xE000).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
            {
                return scalar
            }
        }
        position = start
        throw failure(.encoding, "expected a surrogate pair, found half of one")
    }

    private mutating func scanHexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = byteHere
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw unexpected("four hexadecimal digits after '\\u'")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    private mutating func scanMultibyte() throws(JSONError) {
        let lead = bytes[position]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: throw failure(.encoding, "expected UTF-8, found the byte \(lead)")
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else {
            throw failure(.encoding, "expected UTF-8, found a broken sequence")
        }
        for index in position + 2..<max(position + 2, position + length)
        where bytes[index] & 0xC0 != 0x80 {
            throw failure(.encoding, "expected UTF-8, found a broken sequence")
        }
        position += length
    }

    /// The bytes a string token stands for, its escapes resolved.
    func decodedBytes(of token: StringToken) throws(JSONError) -> [UInt8] {
        guard token.isEscaped else { return Array(bytes[token.range]) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(token.range.count)
        var cursor = self
        cursor.position = token.range.lowerBound
        while cursor.position < token.range.upperBound {
            let byte = bytes[cursor.position]
            if byte == UInt8(ascii: "\\") {
                decoded.append(contentsOf: UTF8.encode(try cursor.scanEscape()) ?? .init())
            } else {
                decoded.append(byte)
                cursor.position += 1
            }
        }
        return decoded
    }

    /// The string a token stands for.
    func string(of token: StringToken) throws(JSONError) -> String {
        guard token.isEscaped else {
            return String(decoding: bytes[token.range], as: UTF8.self)
        }
        return String(decoding: try decodedBytes(of: token), as: UTF8.self)
    }

    // MARK: Failures

    func failure(_ code: JSONError.Code, _ message: String, at offset: Int? = nil) -> JSONError {
        let offset = offset ?? position
        let line = 1 + bytes[..<min(offset, bytes.count)].count { $0 == 0x0A }
        return JSONError(code: code, offset: offset, line: line, message: message)
    }

    func unexpected(_ expected: StaticString) -> JSONError {
        let found: String
        if position >= bytes.count {
            found = "the end of the text"
        } else {
            let byte = bytes[position]
            found =
                (0x21..<0x7F).contains(byte)
                ? "'\(Character(Unicode.Scalar(byte)))'" : "the byte \(byte)"
        }
        return failure(.syntax, "expected \(expected), found \(found)")
    }
}
