/// Writes compact JSON text, splicing text that is already JSON without reading it.
///
/// Commas and colons come by themselves. Writing out of order (a value where a name must come, an
/// end without its begin) is a programmer's error and stops the program.
package struct JSONWriter {
    private enum Place {
        case object, array
    }

    private var bytes: [UInt8] = []
    private var places: [Place] = []
    private var needsComma = false
    private var hasName = false

    package init() {}

    /// The bytes written so far, for callers that bound what they write.
    package var byteCount: Int { bytes.count }

    /// Hands out the bytes written since the last time, for texts that are too large to be in memory at
    /// once: what is written next follows them.
    package mutating func take() -> [UInt8] {
        precondition(!places.isEmpty, "the text goes on")
        defer { bytes = [] }
        return bytes
    }

    package mutating func beginObject() { begin(.object, UInt8(ascii: "{")) }
    package mutating func endObject() { end(.object, UInt8(ascii: "}")) }
    package mutating func beginArray() { begin(.array, UInt8(ascii: "[")) }
    package mutating func endArray() { end(.array, UInt8(ascii: "]")) }

    /// Writes a member's name; its value must come next.
    package mutating func key(_ name: String) {
        precondition(places.last == .object && !hasName, "a name belongs into an object")
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        appendQuoted(name)
        bytes.append(UInt8(ascii: ":"))
        hasName = true
        needsComma = false
    }

    package mutating func null() { raw("null") }
    package mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }
    package mutating func number(_ value: JSONNumber) { raw(value.text) }
    package mutating func integer(_ value: some BinaryInteger) { raw(String(value)) }

    package mutating func string(_ value: String) {
        beforeValue()
        appendQuoted(value)
    }

    /// Splices `text` as it is.
    package mutating func raw(_ text: JSONText) { raw(text.text) }

    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .number(let value): number(value)
        case .string(let value): string(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                key(member.key)
                self.value(member.value)
            }
            endObject()
        }
    }

    /// The text, once every object and array has ended.
    package consuming func finish() -> JSONText {
        precondition(places.isEmpty && !bytes.isEmpty, "the text has ended")
        return JSONText(trusted: String(decoding: bytes, as: UTF8.self))
    }

    private mutating func raw(_ text: String) {
        beforeValue()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func begin(_ place: Place, _ byte: UInt8) {
        beforeValue()
        bytes.append(byte)
        places.append(place)
        needsComma = false
    }

    private mutating func end(_ place: Place, _ byte: UInt8) {
        precondition(places.popLast() == place && !hasName, "an end follows its begin")
        bytes.append(byte)
        needsComma = true
    }

    private mutating func beforeValue() {
        precondition(hasName || places.last != .object, "a value in an object follows its name")
        precondition(!places.isEmpty || bytes.isEmpty, "a text is one value")
        if needsComma && !hasName { bytes.append(UInt8(ascii: ",")) }
        hasName = false
        needsComma = true
    }

    private mutating func appendQuoted(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: #"\""#.utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\"#.utf8)
            case 0x0A: bytes.append(contentsOf: #"\n"#.utf8)
            case 0x0D: bytes.append(contentsOf: #"\r"#.utf8)
            case 0x09: bytes.append(contentsOf: #"\t"#.utf8)
            case 0..<0x20, 0x7F:
                let digits = Array("0123456789abcdef".utf8)
                bytes.append(contentsOf: #"\u00"#.utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 0x0F)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
