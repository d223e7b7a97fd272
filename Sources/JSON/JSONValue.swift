/// A JSON value that loses nothing it was read from but white space and escapes: numbers keep their
/// text, objects their order.
///
/// Equality and hash are by value: numbers exactly, strings by code point, objects without order.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// Reads `text`, which must be one JSON value (RFC 8259) with no duplicate member names.
    ///
    /// - Throws: ``JSONError`` with the offset, the line and what was expected.
    package init(parsing text: String, limits: JSONLimits = .standard) throws(JSONError) {
        self = try JSONScanner.parse(Array(text.utf8), limits: limits)
    }

    /// Reads UTF-8 `bytes`; see ``init(parsing:limits:)-(String,_)``.
    package init(parsing bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        self = try JSONScanner.parse(bytes, limits: limits)
    }

    /// The value of `text`, which was checked when it was made.
    package init(_ text: JSONText) throws(JSONError) {
        self = try JSONScanner.parse(
            Array(text.text.utf8), limits: JSONLimits(bytesMax: .max))
    }

    /// The member named `key` of an object; nil for any other value.
    package subscript(key: String) -> JSONValue? { objectValue?[key] }

    /// The element at `index` of an array; nil outside it and for any other value.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let elements) = self, elements.indices.contains(index) else {
            return nil
        }
        return elements[index]
    }

    package var isNull: Bool { if case .null = self { true } else { false } }
    package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var stringValue: String? { if case .string(let value) = self { value } else { nil } }
    package var numberValue: JSONNumber? {
        if case .number(let value) = self { value } else { nil }
    }
    package var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }
    package var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The value's type in the words of JSON: `null`, `boolean`, `number`, …
    package var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// The value as compact JSON text.
    package var text: String { JSONText(self).text }
}

extension JSONValue: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): ExactString.areSame(left, right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .number(let value): hasher.combine(value)
        case .string(let value): ExactString.hash(value, into: &hasher)
        case .array(let value): hasher.combine(value)
        case .object(let value): hasher.combine(value)
        }
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .number(JSONNumber(value)) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }
}

extension JSONValue: CustomStringConvertible {
    package var description: String { text }
}
