/// Copies a JSON document and changes strings, secret members and card numbers on the way, without
/// building values and without recursion.
struct JSONRewriter {
    private let bytes: [UInt8]
    private let masksCards: Bool
    /// What stands in the place of a member's value, by its name; nil: it is looked into.
    private let value: ([UInt8]) -> String?
    /// A string's text, masked; nil: as it is.
    private let text: ([UInt8]) -> [UInt8]?

    private var position = 0
    /// Up to here the output has what it needs.
    private var copied = 0
    private var output: [UInt8] = []
    private var places: [Place] = []
    private var hasChanged = false

    private struct Place {
        let isObject: Bool
        /// Names that were masked in this object, so that they stay different.
        var maskedNames = 0
    }

    init(
        _ bytes: [UInt8], masksCards: Bool, value: @escaping ([UInt8]) -> String?,
        text: @escaping ([UInt8]) -> [UInt8]?
    ) {
        self.bytes = bytes
        self.masksCards = masksCards
        self.value = value
        self.text = text
    }

    /// nil: it is no JSON. Inner nil: nothing was changed.
    mutating func run() -> [UInt8]?? {
        guard readValue() else { return nil }
        while !places.isEmpty {
            skipSpace()
            guard position < bytes.count else { return nil }
            switch bytes[position] {
            case UInt8(ascii: ","):
                position += 1
                guard readMember() else { return nil }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                position += 1
                places.removeLast()
            default:
                // The first member after an opening bracket.
                guard readMember() else { return nil }
            }
        }
        skipSpace()
        guard position == bytes.count else { return nil }
        guard hasChanged else { return .some(nil) }
        output.append(contentsOf: bytes[copied...])
        return output
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    private mutating func readMember() -> Bool {
        guard let place = places.last else { return false }
        guard place.isObject else { return readValue() }
        skipSpace()
        guard let name = readString() else { return false }
        let replacement = value(name.text)
        if replacement == nil, let masked = text(name.text) {
            places[places.count - 1].maskedNames += 1
            let count = places[places.count - 1].maskedNames
            replace(name.range, by: masked + (count > 1 ? Array(" \(count)".utf8) : []))
        }
        skipSpace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else { return false }
        position += 1
        guard let replacement else { return readValue() }
        return maskValue(replacement)
    }

    private mutating func readValue() -> Bool {
        skipSpace()
        guard position < bytes.count else { return false }
        switch bytes[position] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            places.append(Place(isObject: bytes[position] == UInt8(ascii: "{")))
            position += 1
            return true
        case UInt8(ascii: "\""):
            guard let string = readString() else { return false }
            if let masked = text(string.text) { replace(string.range, by: masked) }
            return true
        default:
            let range = readToken()
            if masksCards, CardNumber.isCard(digits: bytes[range]) {
                replace(range, by: Array(RedactionRules.replacement.utf8))
            }
            return !range.isEmpty
        }
    }

    /// Passes over a value, which is masked whole; what tells nothing stays.
    private mutating func maskValue(_ replacement: String) -> Bool {
        skipSpace()
        let start = position
        guard position < bytes.count else { return false }
        switch bytes[position] {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            guard skipContainer() else { return false }
        case UInt8(ascii: "\""):
            guard let string = readString() else { return false }
            if string.text.isEmpty { return true }
        default:
            let token = readToken()
            guard let first = bytes[token].first else { return false }
            switch first {
            case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): return true
            default: break
            }
        }
        replace(start..<position, by: Array(replacement.utf8))
        return true
    }

    private mutating func skipContainer() -> Bool {
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
                if depth == 0 { return true }
            case UInt8(ascii: "\""):
                guard skipString() != nil else { return false }
            default:
                position += 1
            }
        }
        return false
    }

    /// A number or literal, up to what ends it.
    private mutating func readToken() -> Range<Int> {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"), 0x20,
                0x0A, 0x0D, 0x09, UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["):
                return start..<position
            default: position += 1
            }
        }
        return start..<position
    }

    /// Passes over a string; gives where it lies, with its quotes, and whether it holds escapes.
    private mutating func skipString() -> (range: Range<Int>, isEscaped: Bool)? {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
        let start = position
        var isEscaped = false
        position += 1
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\\"):
                isEscaped = true
                position += 2
            case UInt8(ascii: "\""):
                position += 1
                return (start..<position, isEscaped)
            default:
                position += 1
            }
        }
        return nil
    }

    private mutating func readString() -> (range: Range<Int>, text: [UInt8])? {
        guard let (range, isEscaped) = skipString() else { return nil }
        let raw = bytes[(range.lowerBound + 1)..<(range.upperBound - 1)]
        guard isEscaped else { return (range, Array(raw)) }
        guard let text = JSONEscapes.resolved(raw) else { return nil }
        return (range, text)
    }

    private mutating func replace(_ range: Range<Int>, by text: [UInt8]) {
        hasChanged = true
        output.append(contentsOf: bytes[copied..<range.lowerBound])
        output.append(UInt8(ascii: "\""))
        JSONEscapes.append(text, to: &output)
        output.append(UInt8(ascii: "\""))
        copied = range.upperBound
    }
}
