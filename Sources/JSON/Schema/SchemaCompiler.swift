/// Turns a schema's JSON into nodes, collecting every fault on the way.
struct SchemaCompiler {
    private(set) var nodes: [SchemaNode] = []
    private(set) var faults: [JSONSchema.Fault] = []
    private var indexes: [JSONPointer: Int] = [:]
    private var references: [(node: Int, target: JSONPointer, place: JSONPointer)] = []

    /// Compiles the schema and checks its references.
    mutating func compile(_ value: JSONValue) {
        _ = compile(value, at: .root)
        resolveReferences()
        if faults.isEmpty { refuseLoops() }
    }

    private mutating func fault(_ place: JSONPointer, _ message: String) {
        guard faults.count < JSONSchema.faultsMax else { return }
        faults.append(JSONSchema.Fault(pointer: place, message: message))
    }

    // MARK: One schema

    private mutating func compile(_ value: JSONValue, at place: JSONPointer) -> Int {
        let index = nodes.count
        guard index < JSONSchema.nodesMax else {
            if index == JSONSchema.nodesMax {
                nodes.append(SchemaNode())
                fault(place, "schema exceeds the limit of \(JSONSchema.nodesMax) subschemas")
            }
            return 0
        }
        nodes.append(SchemaNode())
        indexes[place] = index
        var node = SchemaNode()
        switch value {
        case .bool(let constant):
            node.constant = constant
        case .object(let object):
            for member in object.members {
                apply(
                    member.key, member.value, to: &node, index: index,
                    in: object, at: place.appending(member.key))
            }
        default:
            fault(place, "expected a schema (an object or a boolean), found \(value.typeName)")
        }
        nodes[index] = node
        return index
    }

    private mutating func apply(
        _ keyword: String, _ value: JSONValue, to node: inout SchemaNode, index: Int,
        in schema: JSONObject, at place: JSONPointer
    ) {
        switch keyword {
        case "type": node.types = types(value, at: place)
        case "enum": node.enumeration = list(value, at: place)
        case "const": node.const = value
        case "$ref": reference(value, from: index, at: place)
        case "minimum": node.minimum = number(value, at: place)
        case "maximum": node.maximum = number(value, at: place)
        case "exclusiveMinimum": node.exclusiveMinimum = number(value, at: place)
        case "exclusiveMaximum": node.exclusiveMaximum = number(value, at: place)
        case "multipleOf": node.multipleOf = divisor(value, at: place)
        case "minLength": node.minLength = count(value, at: place)
        case "maxLength": node.maxLength = count(value, at: place)
        case "pattern": node.pattern = pattern(value, at: place)
        case "format": node.format = format(value, at: place)
        case "prefixItems": node.prefixItems = schemas(value, at: place)
        case "items": node.items = compile(value, at: place)
        case "minItems": node.minItems = count(value, at: place)
        case "maxItems": node.maxItems = count(value, at: place)
        case "uniqueItems": node.hasUniqueItems = boolean(value, at: place)
        case "properties": node.properties = namedSchemas(value, at: place)
        case "additionalProperties": node.additionalProperties = compile(value, at: place)
        case "required": node.required = strings(value, at: place)
        case "minProperties": node.minProperties = count(value, at: place)
        case "maxProperties": node.maxProperties = count(value, at: place)
        case "allOf": node.allOf = nonEmpty(value, at: place)
        case "anyOf": node.anyOf = nonEmpty(value, at: place)
        case "oneOf": node.oneOf = nonEmpty(value, at: place)
        case "not": node.not = compile(value, at: place)
        case "if": node.condition = compile(value, at: place)
        case "then": node.then = compile(value, at: place)
        case "else": node.otherwise = compile(value, at: place)
        case "$defs": _ = namedSchemas(value, at: place)
        default: annotation(keyword, value, at: place)
        }
    }

    /// Keywords that say something to people, or where a schema comes from.
    private mutating func annotation(_ keyword: String, _ value: JSONValue, at place: JSONPointer) {
        switch keyword {
        case "title", "description", "$comment":
            _ = string(value, at: place)
        case "$schema", "$id":
            _ = string(value, at: place)
            if place.tokens.count > 1 {
                fault(place, "'\(keyword)' is only supported at the root of a schema")
            }
        case "deprecated", "readOnly", "writeOnly":
            _ = boolean(value, at: place)
        case "examples":
            _ = list(value, at: place)
        case "default":
            break
        default:
            fault(place, "keyword '\(keyword.prefix(64))' is not supported")
        }
    }

    // MARK: What keywords take

    private mutating func string(_ value: JSONValue, at place: JSONPointer) -> String? {
        if let text = value.stringValue { return text }
        fault(place, "expected a string, found \(value.typeName)")
        return nil
    }

    private mutating func boolean(_ value: JSONValue, at place: JSONPointer) -> Bool {
        if let flag = value.boolValue { return flag }
        fault(place, "expected a boolean, found \(value.typeName)")
        return false
    }

    private mutating func number(_ value: JSONValue, at place: JSONPointer) -> JSONNumber? {
        if let number = value.numberValue { return number }
        fault(place, "expected a number, found \(value.typeName)")
        return nil
    }

    private mutating func list(_ value: JSONValue, at place: JSONPointer) -> [JSONValue]? {
        if let list = value.arrayValue { return list }
        fault(place, "expected an array, found \(value.typeName)")
        return nil
    }

    private mutating func count(_ value: JSONValue, at place: JSONPointer) -> Int? {
        if let count = value.numberValue?.int64Value, count >= 0 { return Int(count) }
        fault(place, "expected a non-negative integer, found \(describe(value))")
        return nil
    }

    private mutating func divisor(_ value: JSONValue, at place: JSONPointer) -> JSONNumber? {
        guard let number = number(value, at: place) else { return nil }
        if number.isMultiple(of: number) != nil { return number }
        fault(place, "expected a positive number of at most 18 digits, found \(describe(value))")
        return nil
    }

    private mutating func strings(_ value: JSONValue, at place: JSONPointer) -> [String] {
        var strings: [String] = []
        for (position, element) in (list(value, at: place) ?? []).enumerated() {
            guard let text = string(element, at: place.appending(position)) else { continue }
            if strings.contains(where: { ExactString.areSame($0, text) }) {
                fault(place.appending(position), "'\(text.prefix(64))' comes twice")
            }
            strings.append(text)
        }
        return strings
    }

    private mutating func types(
        _ value: JSONValue, at place: JSONPointer
    ) -> [SchemaNode.TypeName] {
        let isList = value.arrayValue != nil
        let names = value.arrayValue ?? [value]
        if names.isEmpty { fault(place, "expected at least one type") }
        var types: [SchemaNode.TypeName] = []
        for (position, name) in names.enumerated() {
            let place = isList ? place.appending(position) : place
            guard let text = string(name, at: place) else { continue }
            guard let type = SchemaNode.TypeName(rawValue: text) else {
                fault(place, "expected \(oneOf(SchemaNode.TypeName.self)), found \(describe(name))")
                continue
            }
            if types.contains(type) { fault(place, "type '\(text)' comes twice") }
            types.append(type)
        }
        return types
    }

    private mutating func format(_ value: JSONValue, at place: JSONPointer) -> SchemaFormat? {
        guard let text = string(value, at: place) else { return nil }
        if let format = SchemaFormat(rawValue: text) { return format }
        fault(place, "expected \(oneOf(SchemaFormat.self)), found \(describe(value))")
        return nil
    }

    private mutating func pattern(_ value: JSONValue, at place: JSONPointer) -> Pattern? {
        guard let text = string(value, at: place) else { return nil }
        do throws(PatternError) {
            return try Pattern(text)
        } catch {
            fault(place, error.message)
            return nil
        }
    }

    private mutating func schemas(_ value: JSONValue, at place: JSONPointer) -> [Int] {
        var schemas: [Int] = []
        for (position, element) in (list(value, at: place) ?? []).enumerated() {
            schemas.append(compile(element, at: place.appending(position)))
        }
        return schemas
    }

    private mutating func nonEmpty(_ value: JSONValue, at place: JSONPointer) -> [Int] {
        if value.arrayValue?.isEmpty == true { fault(place, "expected at least one schema") }
        return schemas(value, at: place)
    }

    private mutating func namedSchemas(
        _ value: JSONValue, at place: JSONPointer
    ) -> [ExactString: Int] {
        guard let object = value.objectValue else {
            fault(place, "expected an object of schemas, found \(value.typeName)")
            return [:]
        }
        var schemas: [ExactString: Int] = [:]
        for member in object.members {
            schemas[ExactString(member.key)] = compile(
                member.value, at: place.appending(member.key))
        }
        return schemas
    }

    // MARK: References

    private mutating func reference(
        _ value: JSONValue, from node: Int, at place: JSONPointer
    ) {
        guard let text = string(value, at: place) else { return }
        guard text.utf8.first == UInt8(ascii: "#"),
            let fragment = Self.percentDecoded(text.utf8.dropFirst()),
            let target = JSONPointer(parsing: fragment)
        else {
            fault(
                place,
                "expected a reference within the schema ('#' or '#/…'), found \(describe(value))")
            return
        }
        references.append((node, target, place))
    }

    private mutating func resolveReferences() {
        for (node, target, place) in references {
            guard let index = indexes[target] else {
                fault(place, "there is no schema at '#\(target)'")
                continue
            }
            nodes[node].reference = index
        }
    }

    private static func percentDecoded(_ bytes: Substring.UTF8View) -> String? {
        var decoded: [UInt8] = []
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = iterator.next(), let low = iterator.next(),
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            else { return nil }
            decoded.append(value)
        }
        return String(validating: decoded, as: UTF8.self)
    }

    /// Refuses schemas that apply themselves to the same value for ever.
    private mutating func refuseLoops() {
        var isDone = Array(repeating: false, count: nodes.count)
        for root in nodes.indices where !isDone[root] {
            var isOpen = Set<Int>()
            // (node, the next of its in-place subschemas to enter)
            var stack = [(root, 0)]
            isOpen.insert(root)
            while let (node, next) = stack.last {
                let inPlace = nodes[node].inPlace
                guard next < inPlace.count else {
                    isDone[node] = true
                    isOpen.remove(node)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].1 += 1
                let child = inPlace[next]
                if isOpen.contains(child) {
                    let place = indexes.first { $0.value == child }?.key ?? .root
                    fault(place, "the schema applies itself to the same value for ever")
                    return
                }
                if !isDone[child] {
                    isOpen.insert(child)
                    stack.append((child, 0))
                }
            }
        }
    }

    // MARK: Words

    private func describe(_ value: JSONValue) -> String {
        let text = value.text
        return text.utf8.count <= 64 ? text : "\(text.prefix(64))…"
    }

    private func oneOf<Choice: CaseIterable & RawRepresentable>(_: Choice.Type) -> String
    where Choice.RawValue == String {
        "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
    }
}
