package import JSON
internal import Operations

/// Reads the members of a JSON body, and collects everything that is wrong with them. A member that is
/// `null` counts as absent.
package struct BodyFields {
    private let object: JSONObject
    private var violations: [OperationError.Violation] = []

    package init(_ object: JSONObject) {
        self.object = object
    }

    package func value(_ name: String) -> JSONValue? {
        guard let value = object[name], !value.isNull else { return nil }
        return value
    }

    /// Notes a fault of the member `name`.
    package mutating func fault(_ name: String, _ description: String) {
        violations.append(OperationError.Violation(field: name, description: description))
    }

    package mutating func string(_ name: String, isNeeded: Bool = false) -> String? {
        read(name, "a string", isNeeded) { $0.stringValue }
    }

    package mutating func bool(_ name: String, isNeeded: Bool = false) -> Bool? {
        read(name, "true or false", isNeeded) { $0.boolValue }
    }

    package mutating func integer(
        _ name: String, in range: ClosedRange<Int64>, isNeeded: Bool = false
    ) -> Int64? {
        read(
            name, "a whole number from \(range.lowerBound) to \(range.upperBound)", isNeeded
        ) { value in
            value.numberValue?.int64Value.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package mutating func object(_ name: String, isNeeded: Bool = false) -> JSONObject? {
        read(name, "an object", isNeeded) { $0.objectValue }
    }

    package mutating func array(_ name: String, isNeeded: Bool = false) -> [JSONValue]? {
        read(name, "an array", isNeeded) { $0.arrayValue }
    }

    package mutating func strings(_ name: String, isNeeded: Bool = false) -> [String]? {
        read(name, "an array of strings", isNeeded) { value in
            guard let elements = value.arrayValue else { return nil }
            let strings = elements.compactMap(\.stringValue)
            return strings.count == elements.count ? strings : nil
        }
    }

    /// A word of `words`, as the value that it stands for.
    package mutating func word<Value>(_ name: String, _ words: WordTable<Value>) -> Value? {
        guard let word = string(name) else { return nil }
        if let value = words.values(of: word).first { return value }
        fault(
            name,
            "expected one of \(words.words.joined(separator: ", ")), got '\(word.prefix(64))'")
        return nil
    }

    /// Any value, as JSON text; empty where there is none.
    package func document(_ name: String) -> String { value(name)?.text ?? "" }

    private mutating func read<Value>(
        _ name: String, _ expected: String, _ isNeeded: Bool, _ convert: (JSONValue) -> Value?
    ) -> Value? {
        guard let value = value(name) else {
            if isNeeded { fault(name, "expected \(expected), got nothing") }
            return nil
        }
        if let converted = convert(value) { return converted }
        let came =
            switch value {
            case .string(let text): "'\(text.prefix(64))'"
            case .number(let number): String(number.text.prefix(64))
            default: value.typeName
            }
        fault(name, "expected \(expected), got \(came)")
        return nil
    }

    /// Ends the reading.
    /// - Throws: `Fault` 400 with everything that was found.
    package func finish() throws(Fault) {
        guard let first = violations.first else { return }
        var fault = Fault.invalid(
            first.field,
            first.description
                + (violations.count > 1 ? " (and \(violations.count - 1) more)" : ""))
        fault.violations = violations
        throw fault
    }
}
