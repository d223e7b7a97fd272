/// Tokens: strings, numbers, literals.
extension ProtobufJSONReader {
    package mutating func boolean() throws(ProtobufDecodingError) -> Bool {
        if takeLiteral("true") { return true }
        if takeLiteral("false") { return false }
        throw error("expected true or false, found \(found)")
    }

    /// Takes a null if there is one.
    mutating func null() throws(ProtobufDecodingError) -> Bool {
        takeLiteral("null")
    }

    /// An integer, as a number or as a string; `1e3` and `1.0` are integers too.
    package mutating func integer<Value: FixedWidthInteger>()
        throws(ProtobufDecodingError) -> Value
    {
        let text = try isAtString ? string() : number()
        if let value = Value(text), text.first != "+" { return value }
        // Exact in a double, and within the type.
        if JSONNumber.isValid(text.utf8), let value = Double(text),
            let exact = Value(exactly: value),
            value.magnitude <= 9_007_199_254_740_992
        {
            return exact
        }
        throw error("expected an integer of \(Value.bitWidth) bits, found \(quoted(text))")
    }

    /// A number, or one of the strings `NaN`, `Infinity`, `-Infinity`, or a number in a string.
    package mutating func double() throws(ProtobufDecodingError) -> Double {
        let isString = isAtString
        let text = try isString ? string() : number()
        if isString {
            switch text {
            case "NaN": return .nan
            case "Infinity": return .infinity
            case "-Infinity": return -.infinity
            default: break
            }
        }
        guard JSONNumber.isValid(text.utf8), let value = Double(text), value.isFinite else {
            throw error("expected a number, found \(quoted(text))")
        }
        return value
    }

    /// The text of a number; checked by the caller.
    private mutating func number() throws(ProtobufDecodingError) -> String {
        skipSpace()
        let start = position
        while position < bytes.count, JSONNumber.mayContain(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard JSONNumber.isValid(text.utf8) else {
            position = start
            throw error("expected a number, found \(found)")
        }
        return text
    }

    /// Whether the next value is a string.
    package var isAtString: Bool {
        mutating get {
            skipSpace()
            return position < bytes.count && bytes[position] == UInt8(ascii: "\"")
        }
    }

    /// A string without escapes; NUL is refused as on the wire.
    package mutating func string() throws(ProtobufDecodingError) -> String {
        try expect(UInt8(ascii: "\""), "a string")
        var result: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): try appendEscape(to: &result)
            case 0..<0x20: throw error("a control character must be escaped in a string")
            default: result.append(byte)
            }
        }
        throw error("a string has no end")
    }

    private mutating func appendEscape(to result: inout [UInt8]) throws(ProtobufDecodingError) {
        guard position < bytes.count else { throw error("a string has no end") }
        let letter = bytes[position]
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(letter)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"): result.append(contentsOf: try escapedScalar())
        default: throw error("\\\(Character(Unicode.Scalar(letter))) is no escape of JSON")
        }
    }

    private mutating func escapedScalar() throws(ProtobufDecodingError) -> String.UTF8View {
        var code = try fourDigits()
        if (0xD800..<0xDC00).contains(code) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                throw error("a high surrogate must be followed by a low one")
            }
            let low = try fourDigits()
            guard (0xDC00..<0xE000).contains(low) else {
                throw error("a high surrogate must be followed by a low one")
            }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard code != 0 else { throw error("a string must not hold NUL") }
        guard let scalar = Unicode.Scalar(code) else {
            throw error("a low surrogate must follow a high one")
        }
        return String(scalar).utf8
    }

    private mutating func fourDigits() throws(ProtobufDecodingError) -> UInt32 {
        guard position + 4 <= bytes.count,
            bytes[position..<position + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let code = UInt32(
                String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw error("\\u must be followed by four hexadecimal digits") }
        position += 4
        return code
    }

    // MARK: Bytes

    mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func expect(_ byte: UInt8, _ what: String) throws(ProtobufDecodingError) {
        skipSpace()
        guard take(byte) else { throw error("expected \(what), found \(found)") }
    }

    private mutating func takeLiteral(_ literal: StaticString) -> Bool {
        skipSpace()
        let text = "\(literal)"
        guard bytes[position...].starts(with: text.utf8) else { return false }
        position += text.utf8.count
        return true
    }

    /// What stands at the current position, for errors.
    var found: String {
        guard position < bytes.count else { return "the end" }
        let byte = bytes[position]
        return (0x21..<0x7F).contains(byte)
            ? "\"\(Character(Unicode.Scalar(byte)))\"" : "byte \(byte)"
    }

    /// A name from the text for errors: quoted and cut.
    func quoted(_ name: String) -> String {
        let shown = name.unicodeScalars.prefix(64).map { $0.value < 0x20 ? " " : $0 }
        var result = "\""
        result.unicodeScalars.append(contentsOf: shown)
        return result + (name.unicodeScalars.count > 64 ? "…\"" : "\"")
    }
}

/// JSON's number grammar.
enum JSONNumber {
    /// Whether a number can hold this byte.
    static func mayContain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
            UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    /// Whether the text is a number (RFC 8259 section 6).
    static func isValid(_ text: String.UTF8View) -> Bool {
        var rest = text[...]
        func digits() -> Int {
            let count = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
            rest = rest.dropFirst(count)
            return count
        }
        func take(_ bytes: UInt8...) -> Bool {
            guard let first = rest.first, bytes.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), digits() == 0 { return false }
        if take(UInt8(ascii: ".")), digits() == 0 { return false }
        if take(UInt8(ascii: "e"), UInt8(ascii: "E")) {
            _ = take(UInt8(ascii: "+"), UInt8(ascii: "-"))
            if digits() == 0 { return false }
        }
        return rest.isEmpty
    }
}
