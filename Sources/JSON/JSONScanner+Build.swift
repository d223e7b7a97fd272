/// Building values from tokens.
extension JSONScanner {
    /// The value of the whole text.
    static func parse(_ bytes: [UInt8], limits: JSONLimits) throws(JSONError) -> JSONValue {
        var scanner = try JSONScanner(bytes: bytes, limits: limits)
        let value = try scanner.buildValue()
        try scanner.finish()
        return value
    }

    private mutating func buildValue() throws(JSONError) -> JSONValue {
        switch try peek(expecting: "a JSON value") {
        case UInt8(ascii: "{"):
            return .object(try buildObject())
        case UInt8(ascii: "["):
            return .array(try buildArray())
        case UInt8(ascii: "\""):
            return .string(try string(of: try scanString()))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let range = try scanNumber()
            return .number(
                JSONNumber(checkedText: String(decoding: bytes[range], as: UTF8.self)))
        case UInt8(ascii: "t"):
            try scanLiteral("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try scanLiteral("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try scanLiteral("null")
            return .null
        default:
            throw unexpected("a JSON value")
        }
    }

    private mutating func buildArray() throws(JSONError) -> [JSONValue] {
        try enter()
        var elements: [JSONValue] = []
        if try peek(expecting: "a JSON value or ']'") == UInt8(ascii: "]") {
            leave()
            return elements
        }
        while true {
            elements.append(try buildValue())
            switch try peek(expecting: "',' or ']'") {
            case UInt8(ascii: ","):
                position += 1
            case UInt8(ascii: "]"):
                leave()
                return elements
            default:
                throw unexpected("',' or ']'")
            }
        }
    }

    private mutating func buildObject() throws(JSONError) -> JSONObject {
        try enter()
        var object = JSONObject()
        if try peek(expecting: "a member's name or '}'") == UInt8(ascii: "}") {
            leave()
            return object
        }
        while true {
            guard try peek(expecting: "a member's name") == UInt8(ascii: "\"") else {
                throw unexpected("a member's name in quotes")
            }
            let start = position
            let key = try string(of: try scanString())
            try scanColon()
            let value = try buildValue()
            guard object.insert(value, forNewKey: key) else {
                throw failure(
                    .duplicateKey, "member \"\(key.prefix(64))\" comes twice in one object",
                    at: start)
            }
            switch try peek(expecting: "',' or '}'") {
            case UInt8(ascii: ","):
                position += 1
            case UInt8(ascii: "}"):
                leave()
                return object
            default:
                throw unexpected("',' or '}'")
            }
        }
    }
}
