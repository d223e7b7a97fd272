internal import Expressions
internal import JSON
internal import Messages

/// Reads one node's `data` strictly: every field that a kind asks for is checked, and what nobody
/// asked for is a fault.
struct NodeFields {
    let nodeID: String
    /// Where `data` is in the definition.
    let pointer: JSONPointer
    private let object: JSONObject
    private var known: Set<String> = []
    private var templates = JSONObject()
    var faults = FaultList()
    /// How bodies are compiled.
    let nesting: BodyNesting
    /// What came of the bodies that were read.
    var bodies: [CompiledBody] = []

    init(
        _ object: JSONObject, at pointer: JSONPointer, nodeID: String,
        nesting: BodyNesting = BodyNesting()
    ) {
        self.object = object
        self.pointer = pointer
        self.nodeID = nodeID
        self.nesting = nesting
    }

    mutating func fault(_ code: FaultCode, _ field: String, _ message: String) {
        faults.add(code, pointer.appending(field), node: nodeID, message)
    }

    /// The field as it is written; nil where it is absent.
    mutating func value(_ field: String) -> JSONValue? {
        known.insert(field)
        return object[field]
    }

    mutating func required(_ field: String) -> JSONValue? {
        let value = value(field)
        if value == nil {
            faults.add(
                .missingField, pointer, node: nodeID,
                "expected the field '\(field)', which is absent")
        }
        return value
    }

    /// A string that is taken as it is: an expression in it is a fault.
    mutating func string(_ field: String, isRequired: Bool = false) -> String? {
        guard let value = isRequired ? required(field) : value(field) else { return nil }
        guard let text = value.stringValue else {
            return badType(field, "a string", value)
        }
        if text.contains("${") {
            fault(.badValue, field, "expected plain text, which holds no expression")
            return nil
        }
        return text
    }

    mutating func bool(_ field: String) -> Bool? {
        guard let value = value(field) else { return nil }
        guard let bool = value.boolValue else { return badType(field, "a boolean", value) }
        return bool
    }

    mutating func integer(
        _ field: String, in range: ClosedRange<Int64>, code: FaultCode = .badValue
    )
        -> Int64?
    {
        guard let value = value(field) else { return nil }
        guard let number = value.numberValue else { return badType(field, "an integer", value) }
        guard let integer = number.int64Value, range.contains(integer) else {
            fault(
                code, field,
                "expected an integer from \(range.lowerBound) to \(range.upperBound), got \(number.text)"
            )
            return nil
        }
        return integer
    }

    mutating func choice(_ field: String, of choices: [String]) -> String? {
        guard let text = string(field) else { return nil }
        guard choices.contains(text) else {
            fault(
                .badValue, field,
                "expected one of \(choices.joined(separator: ", ")), got '\(text)'")
            return nil
        }
        return text
    }

    mutating func duration(_ field: String) -> Duration? {
        guard let value = value(field) else { return nil }
        guard let text = value.stringValue else { return badType(field, "a duration", value) }
        guard let duration = DurationText.parse(text) else {
            fault(
                .badDuration, field,
                "expected a duration of at most 10 years such as PT1H30M, 90s or 500ms, got '\(text)'"
            )
            return nil
        }
        return duration
    }

    mutating func schema(_ field: String) -> (schema: JSONSchema, text: String)? {
        guard let value = value(field) else { return nil }
        do throws(JSONSchema.CompileError) {
            return (try JSONSchema(compiling: value), value.text)
        } catch {
            for fault in error.faults {
                faults.add(
                    .badSchema,
                    JSONPointer(tokens: pointer.tokens + [field] + fault.pointer.tokens),
                    node: nodeID, fault.message)
            }
            return nil
        }
    }

    /// Registers a field whose strings may hold expressions; its resolved value is a member of the
    /// object that the node's step gets.
    /// - Returns: the field as it is written.
    @discardableResult
    mutating func template(
        _ field: String, isRequired: Bool = false, ofType types: Set<String> = []
    ) -> JSONValue? {
        guard let value = isRequired ? required(field) : value(field) else { return nil }
        let isExpression = value.stringValue?.contains("${") ?? false
        if !types.isEmpty, !types.contains(value.typeName), !isExpression {
            return badType(field, types.sorted().joined(separator: " or "), value)
        }
        templates[field] = value
        return value
    }

    /// A member of an object field, registered under a name of its own.
    mutating func template(_ name: String, _ value: JSONValue) { templates[name] = value }

    /// Whether the written value is decided only when the node runs.
    static func isExpression(_ value: JSONValue?) -> Bool {
        value?.stringValue?.contains("${") ?? false
    }

    mutating func badType<Value>(_ field: String, _ expected: String, _ value: JSONValue) -> Value?
    {
        fault(.badType, field, "expected \(expected), got \(value.typeName)")
        return nil
    }

    /// The registered templates, compiled, and the expressions in them that jq is to look at; those are
    /// also there where others keep the whole from being compiled.
    mutating func compiledTemplates() -> (data: CompiledData?, expressions: [CompiledData.Place]) {
        do throws(CompiledData.CompileError) {
            let data = try CompiledData(compiling: .object(templates))
            return (data, data.expressions)
        } catch {
            for fault in error.faults {
                faults.add(
                    .badExpression, JSONPointer(tokens: pointer.tokens + fault.pointer.tokens),
                    node: nodeID, fault.error.message)
            }
            return (nil, error.expressions)
        }
    }

    /// Registers every field that nobody asked for as a template.
    /// - Returns: their names.
    mutating func takeRest() -> Set<String> {
        let rest = object.keys.filter {
            !known.contains($0) && $0 != "label" && $0 != "description"
        }
        for field in rest { template(field) }
        return Set(rest)
    }

    /// Names every field that nobody asked for. Editors keep a caption in `label`.
    mutating func checkUnknown() {
        for key in object.keys where !known.contains(key) && key != "label" && key != "description"
        {
            fault(.unknownField, key, "the field '\(key)' is not one of this node kind")
        }
    }
}
