internal import Foundation
internal import JSON
internal import Messages

/// What a delivery's body becomes.
enum WebhookInput {
    /// Fields of a form.
    static let fieldsMax = 1_000

    /// The input of the execution, a JSON document.
    ///
    /// JSON is taken as it is, a form becomes an object of its fields (an array where one comes
    /// twice), any other text a string, and no body `null`. Where the webhook asks for header fields
    /// or the query, the input is `{"body", "headers", "query"}`.
    static func make(_ spec: WebhookSpec, _ post: WebhookPost) throws(OperationError) -> String {
        let body = try body(post)
        guard !spec.inputHeaders.isEmpty || spec.inputQuery else { return body.text }
        var headers = JSONObject()
        for name in spec.inputHeaders {
            headers[name.lowercased()] = post.header(name).map(JSONValue.string)
        }
        var parts: [String] = ["\"body\":\(body.text)"]
        parts.append("\"headers\":\(JSONText(.object(headers)).text)")
        let query = spec.inputQuery ? fields(post.query) : JSONObject()
        parts.append("\"query\":\(JSONText(.object(query)).text)")
        return "{\(parts.joined(separator: ","))}"
    }

    private static func body(_ post: WebhookPost) throws(OperationError) -> JSONText {
        guard !post.body.isEmpty else { return JSONText(.null) }
        if post.mediaType == "application/x-www-form-urlencoded" {
            let count = post.body.count { $0 == UInt8(ascii: "&") } + 1
            guard count <= fieldsMax else {
                throw .invalid(
                    "body", "a form of \(count) fields exceeds the limit of \(fieldsMax)")
            }
            guard let fields = form(post.body) else {
                throw .invalid("body", "expected a form of percent-encoded UTF-8")
            }
            return JSONText(.object(self.fields(fields)))
        }
        if post.mediaType.isEmpty || post.mediaType == "application/json"
            || post.mediaType.hasSuffix("+json")
        {
            do throws(JSONError) {
                return try JSONText(validating: post.body, limits: JSONLimits(bytesMax: .max))
            } catch {
                throw .invalid("body", "expected a JSON document: \(error)")
            }
        }
        guard let text = String(validating: post.body, as: UTF8.self), !text.utf8.contains(0)
        else { throw .invalid("body", "expected UTF-8 text without NUL") }
        return JSONText(.string(text))
    }

    private static func fields(_ items: [(name: String, value: String)]) -> JSONObject {
        var values: [String: [JSONValue]] = [:]
        var names: [String] = []
        for (name, value) in items {
            if values[name] == nil { names.append(name) }
            values[name, default: []].append(.string(value))
        }
        var fields = JSONObject()
        for name in names {
            guard let all = values[name], let first = all.first else { continue }
            fields[name] = all.count == 1 ? first : .array(all)
        }
        return fields
    }

    private static func form(_ body: [UInt8]) -> [(name: String, value: String)]? {
        var fields: [(name: String, value: String)] = []
        for pair in body.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(
                separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = text(parts[0]), let value = parts.count == 1 ? "" : text(parts[1])
            else { return nil }
            fields.append((name, value))
        }
        return fields
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String? {
        let spaced = bytes.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        guard let text = String(validating: spaced, as: UTF8.self)?.removingPercentEncoding,
            !text.utf8.contains(0)
        else { return nil }
        return text
    }
}
