internal import JSON
internal import Messages

/// Fields of a definition; what is wrong with them is added.
extension FaultList {
    mutating func text(_ field: String, in object: JSONObject) -> String {
        guard let value = object[field], !value.isNull else { return "" }
        guard let text = value.stringValue else {
            add(
                .badType, JSONPointer(tokens: [field]), "expected a string, got \(value.typeName)")
            return ""
        }
        return text
    }

    mutating func requiredText(
        _ field: String, in object: JSONObject, at pointer: JSONPointer, node: String
    ) -> String? {
        guard let value = object[field] else {
            add(
                .missingField, pointer, node: node,
                "expected the field '\(field)', which is absent")
            return nil
        }
        guard let text = value.stringValue else {
            add(
                .badType, pointer.appending(field), node: node,
                "expected a string, got \(value.typeName)")
            return nil
        }
        return text
    }

    mutating func array(_ field: String, in object: JSONObject, isRequired: Bool)
        -> [JSONValue]?
    {
        guard let value = object[field] else {
            if isRequired {
                add(.missingField, .root, "expected the field '\(field)', which is absent")
            }
            return nil
        }
        guard let array = value.arrayValue else {
            add(
                .badType, JSONPointer(tokens: [field]), "expected an array, got \(value.typeName)")
            return nil
        }
        return array
    }
}
