internal import Foundation
internal import JSON

/// The values that marks stand for, in one execution, while one request is made.
struct SecretValues: Sendable {
    /// By name.
    private let values: [String: String]
    /// By mark.
    private let marks: [String: String]

    init(values: [String: String], prefixes: [String]) {
        self.values = values
        var marks: [String: String] = [:]
        for (name, value) in values {
            for prefix in prefixes { marks[SecretMark.text(prefix: prefix, name: name)] = value }
        }
        self.marks = marks
    }

    /// `text` with each mark replaced by what `written` makes of its value.
    func filled(_ text: String, as written: (String) -> String = { $0 }) -> String {
        guard text.contains(SecretMark.head) else { return text }
        var text = text
        for (mark, value) in marks {
            text = text.replacing(mark, with: written(value))
        }
        return text
    }

    /// A JSON document with each mark in its strings replaced.
    func filled(json text: String) -> String {
        filled(text) { String(JSONText(.string($0)).text.dropFirst().dropLast()) }
    }

    /// A request with its secrets put in.
    /// - Throws: `HTTP_BAD_HEADER` where a value does not fit into a header.
    func filled(_ plan: HTTPPlan) throws(NodeFailure) -> HTTPPlan {
        var plan = plan
        plan.url = filledURL(plan.url)
        for index in plan.headers.indices {
            let header = plan.headers[index]
            let value = filled(header.value)
            guard value != header.value else { continue }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw NodeFailure(
                    "HTTP_BAD_HEADER",
                    "the secret in the header '\(header.name)' holds what HTTP headers may not")
            }
            plan.headers[index].value = value
            plan.headers[index].holdsSecret = true
        }
        if let basic = plan.basic {
            plan.basic = HTTPPlan.BasicCredentials(
                username: filled(basic.username), password: filled(basic.password))
        }
        if let body = plan.body {
            let filled = plan.contentType == "application/json" ? filled(json: body) : filled(body)
            plan.bodyHoldsSecret = filled != body
            plan.body = filled
        }
        return plan
    }

    /// A secret that begins the URL is a URL itself; any other is one component's text.
    private func filledURL(_ url: String) -> String {
        var url = url
        for (mark, value) in marks where url.hasPrefix(mark) {
            url = value + url.dropFirst(mark.count)
        }
        return filled(url, as: PercentEncoding.component)
    }

    /// What must not be shown.
    var hidden: [String] { Array(values.values) }

    /// What takes them out of what comes back.
    func mask(_ plan: HTTPPlan) -> SecretMask {
        var hidden = Array(values.values)
        if let basic = plan.basic { hidden.append("\(basic.username):\(basic.password)") }
        return SecretMask(hidden)
    }
}
