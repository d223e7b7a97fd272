/// Checking without building: the grammar, the limits and duplicate names.
extension JSONScanner {
    /// A member's name, kept to find its double.
    private struct Name {
        var range: Range<Int>
        /// The name's bytes where escapes make them differ from the text.
        var decoded: [UInt8]?
    }

    /// Checks the whole text.
    static func validate(_ bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
        var scanner = try JSONScanner(bytes: bytes, limits: limits)
        var names: [Name] = []
        try scanner.checkValue(names: &names)
        try scanner.finish()
    }

    private mutating func checkValue(names: inout [Name]) throws(JSONError) {
        switch try peek(expecting: "a JSON value") {
        case UInt8(ascii: "{"): try checkObject(names: &names)
        case UInt8(ascii: "["): try checkArray(names: &names)
        case UInt8(ascii: "\""): _ = try scanString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): _ = try scanNumber()
        case UInt8(ascii: "t"): try scanLiteral("true")
        case UInt8(ascii: "f"): try scanLiteral("false")
        case UInt8(ascii: "n"): try scanLiteral("null")
        default: throw unexpected("a JSON value")
        }
    }

    private mutating func checkArray(names: inout [Name]) throws(JSONError) {
        try enter()
        if try peek(expecting: "a JSON value or ']'") == UInt8(ascii: "]") { return leave() }
        while true {
            try checkValue(names: &names)
            switch try peek(expecting: "',' or ']'") {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"): return leave()
            default: throw unexpected("',' or ']'")
            }
        }
    }

    private mutating func checkObject(names: inout [Name]) throws(JSONError) {
        try enter()
        if try peek(expecting: "a member's name or '}'") == UInt8(ascii: "}") { return leave() }
        // `names` is one stack for the whole text: an object's names lie above `base`.
        let base = names.count
        while true {
            guard try peek(expecting: "a member's name") == UInt8(ascii: "\"") else {
                throw unexpected("a member's name in quotes")
            }
            let token = try scanString()
            let decoded = token.isEscaped ? try decodedBytes(of: token) : nil
            names.append(Name(range: token.range, decoded: decoded))
            try scanColon()
            try checkValue(names: &names)
            switch try peek(expecting: "',' or '}'") {
            case UInt8(ascii: ","):
                position += 1
            case UInt8(ascii: "}"):
                try checkUnique(names[base...])
                names.removeSubrange(base...)
                return leave()
            default:
                throw unexpected("',' or '}'")
            }
        }
    }

    private func checkUnique(_ names: ArraySlice<Name>) throws(JSONError) {
        if names.count <= 12 {
            for index in names.indices {
                for other in names.startIndex..<index where isSame(names[index], names[other]) {
                    throw duplicate(names[index])
                }
            }
            return
        }
        var seen = Set<ArraySlice<UInt8>>(minimumCapacity: names.count)
        for name in names {
            let key = name.decoded.map { $0[...] } ?? bytes[name.range]
            guard seen.insert(key).inserted else { throw duplicate(name) }
        }
    }

    private func isSame(_ first: Name, _ second: Name) -> Bool {
        if let decoded = first.decoded {
            return decoded.elementsEqual(second.decoded.map { $0[...] } ?? bytes[second.range])
        }
        if let decoded = second.decoded { return decoded.elementsEqual(bytes[first.range]) }
        guard first.range.count == second.range.count else { return false }
        for offset in 0..<first.range.count
        where bytes[first.range.lowerBound + offset] != bytes[second.range.lowerBound + offset] {
            return false
        }
        return true
    }

    private func duplicate(_ name: Name) -> JSONError {
        let text = String(decoding: name.decoded ?? Array(bytes[name.range]), as: UTF8.self)
        return failure(
            .duplicateKey, "member \"\(text.prefix(64))\" comes twice in one object",
            at: name.range.lowerBound - 1)
    }
}
