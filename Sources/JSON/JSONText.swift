/// JSON text that is known to be valid, so that it can be stored, sent and spliced without being
/// read again.
package struct JSONText: Sendable, Hashable, CustomStringConvertible {
    /// The text; always one JSON value.
    package let text: String

    package static let null = JSONText(trusted: "null")

    /// Checks `text` without building a value of it.
    ///
    /// - Throws: ``JSONError`` with the offset, the line and what was expected.
    package init(validating text: String, limits: JSONLimits = .standard) throws(JSONError) {
        try JSONScanner.validate(Array(text.utf8), limits: limits)
        self.text = text
    }

    /// Checks UTF-8 `bytes`; see ``init(validating:limits:)-(String,_)``.
    package init(validating bytes: [UInt8], limits: JSONLimits = .standard) throws(JSONError) {
        try JSONScanner.validate(bytes, limits: limits)
        text = String(decoding: bytes, as: UTF8.self)
    }

    /// Takes text that was valid when it was stored by us; it is not checked again.
    package init(trusted text: String) { self.text = text }

    /// The compact text of `value`.
    package init(_ value: JSONValue) {
        var writer = JSONWriter()
        writer.value(value)
        self = writer.finish()
    }

    /// Checks that `bytes` are one JSON value, and builds nothing.
    package static func validate(
        _ bytes: [UInt8], limits: JSONLimits = .standard
    ) throws(JSONError) {
        try JSONScanner.validate(bytes, limits: limits)
    }

    /// Equality of text, not of value: `1` and `1.0` differ.
    package static func == (left: Self, right: Self) -> Bool {
        ExactString.areSame(left.text, right.text)
    }

    package func hash(into hasher: inout Hasher) { ExactString.hash(text, into: &hasher) }

    package var description: String { text }
}
