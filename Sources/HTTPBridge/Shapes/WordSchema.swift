package import JSON

extension [String] {
    /// A JSON Schema that these words alone satisfy.
    package var schema: JSONValue {
        ["type": "string", "enum": .array(map { JSONValue.string($0) })]
    }
}
