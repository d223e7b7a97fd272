internal import Foundation
internal import JSON

/// `http`: sends one request; its output is `{status, headers, body}`.
struct HTTPNode: NodeKind {
    static let name = "http"
    static let secretFields: Set = [
        "url", "query", "headers", "body", "auth.username", "auth.password", "auth.token",
    ]

    private static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    private static let headersMax = 100

    private let method: String
    private let redirectsMax: Int
    private let responseBytesMax: Int
    private let hasBody: Bool
    private let auth: String?

    init(_ fields: inout NodeFields) {
        method = fields.choice("method", of: Self.methods) ?? "GET"
        if let url = fields.template("url", isRequired: true, ofType: ["string"]),
            let text = url.stringValue, !text.contains("${"), Self.isURL(text) == false
        {
            fields.fault(.badURL, "url", "expected \(Self.urlRule), got '\(text)'")
        }
        Self.readMap("headers", &fields)
        Self.readMap("query", &fields)
        hasBody = fields.template("body") != nil
        if hasBody, method == "GET" || method == "HEAD" {
            fields.fault(.badValue, "body", "a \(method) request has no body")
        }
        redirectsMax = Int(fields.integer("redirects", in: 0...20) ?? 5)
        responseBytesMax = Int(fields.integer("maxResponseBytes", in: 1...(16 << 20)) ?? (1 << 20))
        auth = Self.readAuth(&fields)
    }

    var handles: HandleRule { .plain }

    func step(_ node: NodeContext) -> NodeStep {
        let fields = node.fields
        var url = fields["url"]?.stringValue ?? ""
        // Where a secret is the URL, it is checked when the secret is known.
        guard Self.isURL(url) || SecretMark.begins(url) else {
            return .fail(
                NodeFailure("HTTP_BAD_URL", "expected \(Self.urlRule), got '\(url)'"))
        }
        if let query = fields["query"]?.objectValue, !query.isEmpty {
            let pairs = query.members.map {
                PercentEncoding.component($0.key) + "="
                    + PercentEncoding.component(Self.text($0.value))
            }
            let (base, fragment) = Self.cut(url, at: "#")
            url = base + (base.contains("?") ? "&" : "?") + pairs.joined(separator: "&") + fragment
        }
        var plan = HTTPPlan(
            method: method, url: url, redirectsMax: redirectsMax,
            responseBytesMax: responseBytesMax)
        for member in fields["headers"]?.objectValue?.members ?? [] {
            plan.headers.append(HTTPPlan.Header(member.key, Self.text(member.value)))
        }
        if let bad = plan.headers.first(where: { !Self.isHeader($0) }) {
            return .fail(
                NodeFailure("HTTP_BAD_HEADER", "the header '\(bad.name)' is not allowed in HTTP"))
        }
        authorize(&plan, fields)
        if hasBody, let body = fields["body"] {
            if let text = body.stringValue {
                plan.body = text
                plan.contentType = "text/plain; charset=utf-8"
            } else {
                plan.body = body.text
                plan.contentType = "application/json"
            }
        }
        return .body(.http(plan))
    }

    // MARK: Reading

    private static func readMap(_ field: String, _ fields: inout NodeFields) {
        guard let value = fields.value(field) else { return }
        guard let object = value.objectValue, object.count <= headersMax else {
            fields.fault(
                .badType, field, "expected an object of at most \(headersMax) members")
            return
        }
        for member in object.members {
            switch member.value {
            case .string, .number, .bool: break
            default:
                fields.fault(
                    .badType, field,
                    "expected '\(member.key)' to be a string, number or boolean, got "
                        + member.value.typeName)
            }
            if field == "headers", !isHeader(HTTPPlan.Header(member.key, "")) {
                fields.fault(.badValue, field, "the header '\(member.key)' is not allowed")
            }
        }
        fields.template(field, value)
    }

    private static func readAuth(_ fields: inout NodeFields) -> String? {
        guard let value = fields.value("auth") else { return nil }
        guard let object = value.objectValue else {
            fields.fault(.badType, "auth", "expected an object, got \(value.typeName)")
            return nil
        }
        var inner = NodeFields(object, at: fields.pointer.appending("auth"), nodeID: fields.nodeID)
        let type =
            inner.required("type") == nil
            ? nil : inner.choice("type", of: ["basic", "bearer"])
        switch type {
        case "basic":
            for field in ["username", "password"] {
                if let value = inner.template(field, isRequired: true, ofType: ["string"]) {
                    fields.template("auth.\(field)", value)
                }
            }
        case "bearer":
            if let value = inner.template("token", isRequired: true, ofType: ["string"]) {
                fields.template("auth.token", value)
            }
        default:
            for field in ["username", "password", "token"] { _ = inner.value(field) }
        }
        inner.checkUnknown()
        fields.adopt(inner.faults)
        return type
    }

    // MARK: Building

    private func authorize(_ plan: inout HTTPPlan, _ fields: JSONObject) {
        switch auth {
        case "basic":
            plan.basic = HTTPPlan.BasicCredentials(
                username: Self.text(fields["auth.username"] ?? ""),
                password: Self.text(fields["auth.password"] ?? ""))
        case "bearer":
            plan.headers.append(
                HTTPPlan.Header(
                    "authorization", "Bearer \(Self.text(fields["auth.token"] ?? ""))"))
        default:
            break
        }
    }

    private static func text(_ value: JSONValue) -> String { value.stringValue ?? value.text }

    /// What a good URL is, for messages.
    static let urlRule = "an http or https URL with a host, a port of 1 to 65535 and no user"

    /// Whether a request can be sent there. Credentials go into `auth`: in a URL they would be
    /// journaled and logged.
    static func isURL(_ text: String) -> Bool {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(),
            let host = url.host(), !host.isEmpty, url.user() == nil, url.password() == nil,
            (1...65_535).contains(url.port ?? 80)
        else { return false }
        return (scheme == "http" || scheme == "https") && text.utf8.allSatisfy { $0 > 0x20 }
    }

    /// What RFC 9110, section 5, allows, without what the client itself must say.
    private static func isHeader(_ header: HTTPPlan.Header) -> Bool {
        let name = header.name.lowercased()
        guard !name.isEmpty,
            ![
                "host", "content-length", "transfer-encoding", "connection", "expect",
                "idempotency-key",
            ].contains(name)
        else { return false }
        let isToken = name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
                || "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
        return isToken && header.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    private static func cut(_ text: String, at separator: Character) -> (String, String) {
        guard let index = text.firstIndex(of: separator) else { return (text, "") }
        return (String(text[..<index]), String(text[index...]))
    }
}
