/// One pass over a text that finds what the built-in rules mask.
struct TextScan {
    let bytes: [UInt8]
    private let rules: Set<RedactionRules.BuiltIn>
    /// Up to here everything was looked at or is masked.
    private var position = 0

    init(_ bytes: [UInt8], _ rules: Set<RedactionRules.BuiltIn>) {
        self.bytes = bytes
        self.rules = rules
    }

    mutating func run(into spans: inout [TextMask.Span]) {
        while position < bytes.count {
            let byte = bytes[position]
            if Self.isWordStart(byte), !isWord(at: position - 1) {
                let (masked, next) = word()
                if let masked { spans.append(TextMask.Span(range: masked)) }
                position = max(position + 1, next)
            } else if byte == UInt8(ascii: "@"), rules.contains(.email), let range = email() {
                spans.append(TextMask.Span(range: range))
                position = range.upperBound
            } else if Self.isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "(") {
                let found = NumberScan(bytes, at: position, rules).found
                if let range = found.masked { spans.append(TextMask.Span(range: range)) }
                position = max(position + 1, found.next)
            } else if byte == UInt8(ascii: ":"), rules.contains(.bearer),
                let range = urlPassword()
            {
                spans.append(TextMask.Span(range: range))
                position = range.upperBound
            } else if byte == UInt8(ascii: "-"), rules.contains(.apiKey), let range = privateKey() {
                spans.append(TextMask.Span(range: range))
                position = range.upperBound
            } else {
                position += 1
            }
        }
    }

    // MARK: Words

    private static let wordBytesMax = 128

    /// A word, what it begins, and where to go on.
    private func word() -> (masked: Range<Int>?, next: Int) {
        var end = position
        while end < bytes.count, Self.isToken(bytes[end]) { end += 1 }
        let word = bytes[position..<end]
        if rules.contains(.jwt), let range = WebToken.find(bytes, at: position, end) {
            return (range, range.upperBound)
        }
        if rules.contains(.apiKey), KeyPrefix.isKey(word) { return (position..<end, end) }
        guard word.count <= Self.wordBytesMax else { return (nil, end) }
        if rules.contains(.bearer), let range = scheme(word, end) {
            return (range, range.upperBound)
        }
        if rules.contains(.keys), let range = assignment(word, end) {
            return (range, range.upperBound)
        }
        return (nil, end)
    }

    /// The credential after `Bearer` or `Basic`.
    private func scheme(_ word: ArraySlice<UInt8>, _ end: Int) -> Range<Int>? {
        let name = SensitiveKeys.normalised(bytes: word)
        let isBearer = name == Array("bearer".utf8)
        guard isBearer || name == Array("basic".utf8), end < bytes.count,
            bytes[end] == UInt8(ascii: " ")
        else { return nil }
        var start = end
        while start < bytes.count, bytes[start] == UInt8(ascii: " ") { start += 1 }
        var stop = start
        while stop < bytes.count, Self.isCredential(bytes[stop]) { stop += 1 }
        let credential = bytes[start..<stop]
        let isSecret =
            isBearer
            ? credential.count >= 8 && credential.contains { !Self.isLetter($0) }
                || credential.count >= 20
            : BasicCredential.isCredential(credential)
        return isSecret ? start..<stop : nil
    }

    /// The value in `password=…`, `"api_key": "…"` and the like.
    private func assignment(_ word: ArraySlice<UInt8>, _ end: Int) -> Range<Int>? {
        var index = end
        func skip(_ wanted: (UInt8) -> Bool, _ max: Int) {
            var count = 0
            while index < bytes.count, count < max, wanted(bytes[index]) {
                index += 1
                count += 1
            }
        }
        let isQuote = { (byte: UInt8) in
            byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\\")
        }
        let isSpace = { (byte: UInt8) in byte == UInt8(ascii: " ") }
        skip(isQuote, 2)
        skip(isSpace, 4)
        guard index < bytes.count,
            bytes[index] == UInt8(ascii: "=") || bytes[index] == UInt8(ascii: ":")
        else { return nil }
        let name = String(decoding: SensitiveKeys.normalised(bytes: word), as: UTF8.self)
        guard SensitiveKeys.isBuiltIn(name) else { return nil }
        index += 1
        skip(isSpace, 4)
        let before = index
        skip(isQuote, 2)
        let isQuoted = index > before
        let start = index
        if bytes[start...].starts(with: RedactionRules.replacement.utf8) { return nil }
        // A quoted value goes to its quote, another to the end of the word; `Bearer x` is two words.
        while index < bytes.count {
            let byte = bytes[index]
            if isQuoted ? isQuote(byte) : Self.endsValue(byte) { break }
            index += 1
        }
        if !isQuoted, Self.isScheme(bytes[start..<index]), index < bytes.count,
            bytes[index] == UInt8(ascii: " ")
        {
            index += 1
            while index < bytes.count, !Self.endsValue(bytes[index]) { index += 1 }
        }
        return index > start ? start..<index : nil
    }

    private static func isScheme(_ word: ArraySlice<UInt8>) -> Bool {
        ["bearer", "basic", "token", "digest"].contains(
            String(decoding: SensitiveKeys.normalised(bytes: word), as: UTF8.self))
    }

    // MARK: Addresses

    /// The mail address around an `@`; RFC 5321's 64 and 255 bytes bound the look.
    private func email() -> Range<Int>? {
        var start = position
        while start > 0, position - start < 64, Self.isLocal(bytes[start - 1]) { start -= 1 }
        while start < position, bytes[start] == UInt8(ascii: ".") { start += 1 }
        var end = position + 1
        var lastDot: Int?
        while end < bytes.count, end - position <= 255, Self.isDomain(bytes[end]) {
            if bytes[end] == UInt8(ascii: ".") { lastDot = end }
            end += 1
        }
        // A full stop behind the address is no part of it.
        while end > position + 1, Self.isDotOrHyphen(bytes[end - 1]) { end -= 1 }
        if let dot = lastDot, dot >= end {
            lastDot = bytes[(position + 1)..<end].lastIndex(of: UInt8(ascii: "."))
        }
        guard start < position, let dot = lastDot, dot > position + 1, end - dot > 2,
            bytes[(dot + 1)..<end].allSatisfy({ Self.isLetter($0) || $0 >= 0x80 })
        else { return nil }
        return start..<end
    }

    /// The password in `scheme://user:password@host`, from its `:`.
    private func urlPassword() -> Range<Int>? {
        guard position + 2 < bytes.count, bytes[position + 1] == UInt8(ascii: "/"),
            bytes[position + 2] == UInt8(ascii: "/")
        else { return nil }
        var index = position + 3
        var colon: Int?
        while index < bytes.count, index - position < 512 {
            switch bytes[index] {
            case UInt8(ascii: "@"):
                guard let colon, index > colon + 1 else { return nil }
                return (colon + 1)..<index
            case UInt8(ascii: ":"):
                if colon == nil { colon = index }
            case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "\""),
                0...0x20:
                return nil
            default: break
            }
            index += 1
        }
        return nil
    }

    /// A PEM private key, up to the end of the text where its own end is missing.
    private func privateKey() -> Range<Int>? {
        let begin = Array("-----BEGIN ".utf8)
        guard bytes[position...].starts(with: begin) else { return nil }
        var end = position + begin.count
        while end < bytes.count, end - position < 64, bytes[end] != UInt8(ascii: "-") { end += 1 }
        guard bytes[position..<end].reversed().starts(with: "PRIVATE KEY".utf8.reversed()) else {
            return nil
        }
        let close = Array("-----END ".utf8)
        while end < bytes.count {
            if bytes[end] == UInt8(ascii: "-"), bytes[end...].starts(with: close) {
                end += close.count
                while end < bytes.count, bytes[end] != UInt8(ascii: "-") { end += 1 }
                while end < bytes.count, bytes[end] == UInt8(ascii: "-") { end += 1 }
                return position..<end
            }
            end += 1
        }
        return position..<end
    }

    // MARK: Bytes

    private func isWord(at index: Int) -> Bool {
        index >= 0 && (Self.isToken(bytes[index]) || bytes[index] >= 0x80)
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
    private static func isWordStart(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte == UInt8(ascii: "_")
    }
    static func isToken(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }

    private static func isCredential(_ byte: UInt8) -> Bool {
        isToken(byte) || [0x2E, 0x7E, 0x2B, 0x2F, 0x3D].contains(byte)
    }

    private static func isLocal(_ byte: UInt8) -> Bool {
        isToken(byte) || byte >= 0x80 || ".+%&*!#$'~^`{|}".utf8.contains(byte)
    }

    private static func isDomain(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte >= 0x80 || isDotOrHyphen(byte)
    }

    private static func isDotOrHyphen(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte <= 0x20 || ",;&)}]\"'<>".utf8.contains(byte)
    }
}
