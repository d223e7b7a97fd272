/// One validation of one value: where it is, what it has found and what it may still spend.
struct SchemaValidator {
    private enum Step {
        case key(String)
        case index(Int)
    }

    private let nodes: [SchemaNode]
    private var path: [Step] = []
    private var faults: [JSONSchema.Fault] = []
    private var steps = JSONSchema.stepsMax
    private var depth = 0
    /// Above 0 while only the answer yes or no counts, as within `anyOf`.
    private var silence = 0
    private var hasGivenUp = false

    init(nodes: [SchemaNode]) { self.nodes = nodes }

    mutating func run(_ value: JSONValue) -> [JSONSchema.Fault] {
        _ = check(value, 0)
        return faults
    }

    // MARK: Bookkeeping

    /// Notes a fault at the present place; always false, so that callers can return it.
    private mutating func fault(_ message: @autoclosure () -> String) -> Bool {
        guard silence == 0, !hasGivenUp, faults.count < JSONSchema.faultsMax else { return false }
        let tokens = path.map { step in
            switch step {
            case .key(let key): key
            case .index(let index): String(index)
            }
        }
        faults.append(JSONSchema.Fault(pointer: JSONPointer(tokens: tokens), message: message()))
        return false
    }

    private mutating func giveUp(_ message: String) {
        guard !hasGivenUp else { return }
        silence = 0
        path = []
        _ = fault(message)
        hasGivenUp = true
    }

    private mutating func spend(_ count: Int) -> Bool {
        steps -= count
        if steps <= 0 { giveUp("validation exceeds the limit of \(JSONSchema.stepsMax) steps") }
        return !hasGivenUp
    }

    private mutating func quietly(_ value: JSONValue, _ index: Int) -> Bool {
        silence += 1
        defer { if silence > 0 { silence -= 1 } }
        return check(value, index)
    }

    private mutating func check(_ value: JSONValue, _ index: Int, at step: Step) -> Bool {
        path.append(step)
        defer { _ = path.popLast() }
        return check(value, index)
    }

    // MARK: Keywords

    private mutating func check(_ value: JSONValue, _ index: Int) -> Bool {
        guard spend(1) else { return false }
        let node = nodes[index]
        if let constant = node.constant { return constant || fault("nothing is allowed here") }
        depth += 1
        defer { depth -= 1 }
        guard depth <= JSONSchema.depthMax else {
            giveUp("validation exceeds the limit of \(JSONSchema.depthMax) nested schemas")
            return false
        }
        var isValid = checkType(value, node)
        if let choices = node.enumeration, !checkEnumeration(value, choices) { isValid = false }
        if let const = node.const, !(value == const) {
            isValid = fault("expected \(Self.short(const)), found \(Self.short(value))")
        }
        switch value {
        case .number(let number): if !check(number, node) { isValid = false }
        case .string(let string): if !check(string, node) { isValid = false }
        case .array(let array): if !check(array, node) { isValid = false }
        case .object(let object): if !check(object, node) { isValid = false }
        case .null, .bool: break
        }
        if !checkCombinations(value, node) { isValid = false }
        return isValid && !hasGivenUp
    }

    private mutating func checkType(_ value: JSONValue, _ node: SchemaNode) -> Bool {
        guard !node.types.isEmpty else { return true }
        for type in node.types {
            switch (type, value) {
            case (.null, .null), (.boolean, .bool), (.number, .number), (.string, .string),
                (.array, .array), (.object, .object):
                return true
            case (.integer, .number(let number)):
                if number.isInteger { return true }
            default:
                break
            }
        }
        let expected = node.types.map(\.rawValue).joined(separator: " or ")
        return fault("expected \(expected), found \(value.typeName)")
    }

    private mutating func checkEnumeration(_ value: JSONValue, _ choices: [JSONValue]) -> Bool {
        guard spend(choices.count) else { return false }
        if choices.contains(value) { return true }
        let expected = choices.prefix(10).map(Self.short).joined(separator: ", ")
        return fault(
            "expected one of \(expected)\(choices.count > 10 ? ", …" : ""), found \(Self.short(value))"
        )
    }

    private mutating func check(_ number: JSONNumber, _ node: SchemaNode) -> Bool {
        var isValid = true
        if let bound = node.minimum, number < bound {
            isValid = fault("\(number.text) is less than the minimum of \(bound.text)")
        }
        if let bound = node.maximum, bound < number {
            isValid = fault("\(number.text) is greater than the maximum of \(bound.text)")
        }
        if let bound = node.exclusiveMinimum, !(bound < number) {
            isValid = fault("\(number.text) is not greater than \(bound.text)")
        }
        if let bound = node.exclusiveMaximum, !(number < bound) {
            isValid = fault("\(number.text) is not less than \(bound.text)")
        }
        if let divisor = node.multipleOf, number.isMultiple(of: divisor) != true {
            isValid = fault("\(number.text) is not a multiple of \(divisor.text)")
        }
        return isValid
    }

    private mutating func check(_ string: String, _ node: SchemaNode) -> Bool {
        var isValid = true
        if node.minLength != nil || node.maxLength != nil {
            let length = string.unicodeScalars.count
            if let bound = node.minLength, length < bound {
                isValid = fault("\(length) characters are fewer than the minimum of \(bound)")
            }
            if let bound = node.maxLength, length > bound {
                isValid = fault("\(length) characters are more than the maximum of \(bound)")
            }
        }
        if let pattern = node.pattern {
            switch pattern.matches(string, budget: &steps) {
            case true?: break
            case false?: isValid = fault("the text does not match the pattern \(pattern.source)")
            case nil: return spend(0)
            }
        }
        if let format = node.format, !format.accepts(string) {
            isValid = fault(
                "expected format \(format.rawValue), found \(Self.short(.string(string)))")
        }
        return isValid
    }

    private mutating func check(_ array: [JSONValue], _ node: SchemaNode) -> Bool {
        var isValid = true
        if let bound = node.minItems, array.count < bound {
            isValid = fault("\(array.count) elements are fewer than the minimum of \(bound)")
        }
        if let bound = node.maxItems, array.count > bound {
            isValid = fault("\(array.count) elements are more than the maximum of \(bound)")
        }
        if node.hasUniqueItems {
            guard spend(array.count) else { return false }
            var seen: [JSONValue: Int] = [:]
            for (position, element) in array.enumerated() {
                if let first = seen.updateValue(position, forKey: element) {
                    isValid = fault("elements \(first) and \(position) are equal")
                    break
                }
            }
        }
        for (position, element) in array.enumerated() {
            guard !hasGivenUp else { return false }
            let schema = position < node.prefixItems.count ? node.prefixItems[position] : node.items
            guard let schema else { break }
            if !check(element, schema, at: .index(position)) { isValid = false }
        }
        return isValid
    }

    private mutating func check(_ object: JSONObject, _ node: SchemaNode) -> Bool {
        guard spend(node.required.count) else { return false }
        var isValid = true
        if let bound = node.minProperties, object.count < bound {
            isValid = fault("\(object.count) members are fewer than the minimum of \(bound)")
        }
        if let bound = node.maxProperties, object.count > bound {
            isValid = fault("\(object.count) members are more than the maximum of \(bound)")
        }
        for name in node.required where object[name] == nil {
            isValid = fault("member '\(name)' is missing")
        }
        guard !node.properties.isEmpty || node.additionalProperties != nil else { return isValid }
        guard spend(object.count) else { return false }
        for member in object.members {
            guard !hasGivenUp else { return false }
            if let schema = node.properties[ExactString(member.key)] {
                if !check(member.value, schema, at: .key(member.key)) { isValid = false }
            } else if let schema = node.additionalProperties {
                if nodes[schema].constant == false {
                    isValid = fault("member '\(member.key.prefix(64))' is not allowed")
                } else if !check(member.value, schema, at: .key(member.key)) {
                    isValid = false
                }
            }
        }
        return isValid
    }

    private mutating func checkCombinations(_ value: JSONValue, _ node: SchemaNode) -> Bool {
        var isValid = true
        if let reference = node.reference, !check(value, reference) { isValid = false }
        for schema in node.allOf where !check(value, schema) { isValid = false }
        if !node.anyOf.isEmpty {
            let isMatched = node.anyOf.contains { quietly(value, $0) }
            if !isMatched {
                isValid = fault("matches none of the \(node.anyOf.count) schemas of anyOf")
            }
        }
        if !node.oneOf.isEmpty {
            let matches = node.oneOf.indices.filter { quietly(value, node.oneOf[$0]) }
            if matches.isEmpty {
                isValid = fault("matches none of the \(node.oneOf.count) schemas of oneOf")
            } else if matches.count > 1 {
                isValid = fault(
                    "matches schemas \(matches.map(String.init).joined(separator: ", ")) of oneOf, "
                        + "expected exactly one")
            }
        }
        if let schema = node.not, quietly(value, schema) {
            isValid = fault("matches the schema of not")
        }
        if let condition = node.condition {
            let branch = quietly(value, condition) ? node.then : node.otherwise
            if let branch, !check(value, branch) { isValid = false }
        }
        return isValid
    }

    private static func short(_ value: JSONValue) -> String {
        switch value {
        case .array(let elements) where !elements.isEmpty: return "an array of \(elements.count)"
        case .object(let object) where !object.isEmpty:
            return "an object of \(object.count) members"
        default:
            let text = value.text
            return text.utf8.count <= 64 ? text : "\(text.prefix(64))…"
        }
    }
}
