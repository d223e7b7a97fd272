/// One compiled (sub)schema. Subschemas are named by their index in ``JSONSchema/nodes``, so that
/// `$ref` can make loops.
struct SchemaNode: Sendable {
    /// The types of JSON Schema; `integer` is a number without a fraction, however written.
    enum TypeName: String, CaseIterable, Sendable {
        case null, boolean, integer, number, string, array, object
    }

    /// `true` or `false` where the schema is one of them.
    var constant: Bool?
    var types: [TypeName] = []
    var enumeration: [JSONValue]?
    var const: JSONValue?
    var reference: Int?

    var minimum: JSONNumber?
    var maximum: JSONNumber?
    var exclusiveMinimum: JSONNumber?
    var exclusiveMaximum: JSONNumber?
    var multipleOf: JSONNumber?

    var minLength: Int?
    var maxLength: Int?
    var pattern: Pattern?
    var format: SchemaFormat?

    var prefixItems: [Int] = []
    var items: Int?
    var minItems: Int?
    var maxItems: Int?
    var hasUniqueItems = false

    var properties: [ExactString: Int] = [:]
    var additionalProperties: Int?
    var required: [String] = []
    var minProperties: Int?
    var maxProperties: Int?

    var allOf: [Int] = []
    var anyOf: [Int] = []
    var oneOf: [Int] = []
    var not: Int?
    var condition: Int?
    var then: Int?
    var otherwise: Int?

    /// The subschemas applied to the same value; a loop through these alone would never end.
    var inPlace: [Int] {
        [reference, not, condition, then, otherwise].compactMap(\.self) + allOf + anyOf + oneOf
    }
}
