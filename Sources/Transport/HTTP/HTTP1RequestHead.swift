internal import HTTPTypes
internal import NIOHTTP1

/// What an HTTP/1.1 request's head means, as a value: a request to serve, or why it is refused.
///
/// The parser has refused what is no HTTP/1 at all, `content-length` beside `transfer-encoding`, and
/// contradicting lengths. Here is what it lets through and a server must not (RFC 9112): another
/// place might read such a request differently.
struct HTTP1RequestHead: Equatable {
    /// A request that is answered by the connection itself, which then closes.
    struct Refusal: Error, Equatable {
        let status: Int
        let code: String
        let message: String
    }

    let request: HTTPRequest
    /// Whether the client wants to use the connection again.
    let isKeptAlive: Bool
    /// The client waits for `100 Continue` before it sends the body.
    let expectsContinue: Bool
    /// The parser reads no further request after this one.
    let endsParsing: Bool

    /// Checks `head`.
    init(_ head: HTTPRequestHead, scheme: String, limits: HTTPLimits) throws(Refusal) {
        let isOld = head.version == .http1_0
        guard let method = HTTPRequest.Method(head.method.rawValue) else {
            throw Self.bad("expected a method, got another token")
        }
        guard head.uri.utf8.count <= limits.targetBytesMax else {
            throw Refusal(
                status: 414, code: "TARGET_TOO_LONG",
                message: "expected a request target of at most \(limits.targetBytesMax) bytes, "
                    + "got \(head.uri.utf8.count)")
        }
        var fields = HTTPFields()
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name), HTTPField.isValidValue(value) else {
                throw Self.bad("expected header fields without control characters or folded lines")
            }
            if name.canonicalName == "host" { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        let hosts = head.headers["host"]
        guard hosts.count == 1 || isOld && hosts.isEmpty else {
            throw Self.bad("expected one host field, got \(hosts.count)")
        }
        let encodings = head.headers["transfer-encoding"]
        guard
            encodings.isEmpty
                || !isOld && encodings.count == 1
                    && encodings[0].lowercased() == "chunked"
                    && !head.headers.contains(name: "content-length")
        else {
            throw Self.bad("expected transfer-encoding 'chunked' alone, without content-length")
        }
        guard head.headers["content-length"].count <= 1 else {
            throw Self.bad("expected one content-length")
        }
        let expectations = head.headers[canonicalForm: "expect"]
        guard expectations.allSatisfy({ $0.lowercased() == "100-continue" }) else {
            throw Refusal(
                status: 417, code: "EXPECTATION_FAILED",
                message: "expected 'expect: 100-continue' or none")
        }
        expectsContinue = !isOld && !expectations.isEmpty
        let (path, authority) = try Self.target(head.uri, method)
        request = HTTPRequest(
            method: method, scheme: scheme, authority: authority ?? hosts.first, path: path,
            headerFields: fields)
        endsParsing = head.method == .CONNECT || head.headers.contains(name: "upgrade")
        isKeptAlive = head.isKeepAlive && !endsParsing
    }

    /// The path and query of a request target, and the authority of an absolute one.
    private static func target(
        _ target: String, _ method: HTTPRequest.Method
    ) throws(Refusal) -> (path: String, authority: String?) {
        guard target.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw bad("expected a request target of printable ASCII")
        }
        if target.first == "/" { return (target, nil) }
        if target == "*", method == .options { return (target, nil) }
        for scheme in ["http://", "https://"]
        where target.prefix(scheme.count).lowercased() == scheme {
            let rest = target.dropFirst(scheme.count)
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            let path = rest[end...]
            return (
                path.first == "/" ? String(path) : "/" + path, String(rest[..<end])
            )
        }
        throw bad("expected a request target that begins with '/'")
    }

    private static func bad(_ message: String) -> Refusal {
        Refusal(status: 400, code: "MALFORMED_REQUEST", message: message)
    }
}
