/// Names of request fields, as JSON has them.
package enum FieldName {
    /// A field of the contract in lower camel case, without the mark of JSON documents: `workflow_id`
    /// is `workflowId`, `input_json/a` is `input/a`.
    package static func json(_ field: String) -> String {
        let end = field.firstIndex { $0 == "/" || $0 == "[" || $0 == "." } ?? field.endIndex
        var words = field[..<end].split(separator: "_")
        if words.count > 1, words.last == "json" { words.removeLast() }
        guard let first = words.first else { return field }
        let rest = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
        return first + rest.joined() + field[end...]
    }
}
