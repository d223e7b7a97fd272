package import HTTPTypes
package import JSON
package import NIOCore
package import Operations
package import Transport

/// What a route's handler sees of a request.
package struct BridgeRequest: Sendable {
    package let route: Route
    /// Who calls, for `Operations`.
    package let caller: Caller
    package let query: QueryItems
    /// The path without the query, as it was sent.
    package let target: String
    package let trace: RequestTrace
    private let captures: [String: Substring]
    let exchange: HTTPExchange
    private let identification: Identification

    /// Largest document that is parsed on the event loop.
    private static let smallBytesMax = 16 << 10

    init(
        _ exchange: HTTPExchange, route: Route, captures: [String: Substring], target: String,
        query: Substring, identity: Identity, identification: Identification,
        trace: RequestTrace
    ) throws(Fault) {
        self.exchange = exchange
        self.route = route
        self.captures = captures
        self.target = target
        self.query = try QueryItems(query)
        self.trace = trace
        self.identification = identification
        caller = identity.caller
    }

    /// Who calls, found out anew: by `token` where one is given, else as the request said.
    /// - Throws: `.unauthenticated` for what is no valid token.
    func identity(presenting token: String?) async throws(OperationError) -> Identity {
        var fields = exchange.request.headerFields
        if let token { fields[.authorization] = "Bearer \(token)" }
        return try await identification.identify(
            fields, peer, traceparent: trace.traceparent)
    }

    package var method: HTTPRequest.Method { exchange.request.method }
    package var peer: HTTPPeer { exchange.peer }
    package var requestID: String { trace.requestID }

    /// What the capture `name` of the route's path holds, decoded; never empty.
    /// - Throws: `Fault` 400 for broken percent-encoding or a NUL.
    package func path(_ name: String) throws(Fault) -> String {
        guard let raw = captures[name] else {
            preconditionFailure("\(route.path) has no capture '\(name)'")
        }
        guard let text = PercentEncoding.decode(raw), !text.utf8.contains(0) else {
            throw Fault(
                .badRequest, code: "MALFORMED_TARGET",
                "expected a path of percent-encoded UTF-8 without NUL")
        }
        return text
    }

    /// A header field's value; several are joined by commas.
    package func header(_ name: HTTPField.Name) -> String? {
        exchange.request.headerFields[name]
    }

    /// A header field's value; several are joined by commas.
    package func header(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { exchange.request.headerFields[$0] }
    }

    // MARK: The body

    /// The body as it comes; what is not read holds the client back.
    package var body: HTTPRequestBody { exchange.body }

    /// The whole body.
    /// - Throws: `Fault` 413, 408 or 400.
    package func bytes() async throws -> ByteBuffer {
        do {
            return try await exchange.body.collect()
        } catch let error as HTTPBodyError {
            throw Fault(error)
        }
    }

    /// The body as JSON text that was checked, and of which no value was built; `{}` for no body
    /// where the route does not require one.
    /// - Throws: `Fault` 415, 413, 408, or 400 MALFORMED_JSON.
    package func jsonText() async throws -> JSONText {
        try await parsed(none: JSONText(trusted: "{}")) { (bytes) throws(JSONError) in
            try JSONText(validating: bytes, limits: Self.jsonLimits)
        }
    }

    /// The body as a JSON object; empty for no body where the route does not require one.
    /// - Throws: `Fault` 415, 413, 408, or 400 MALFORMED_JSON.
    package func json() async throws -> JSONObject {
        let value = try await parsed(none: JSONValue.object([:])) { (bytes) throws(JSONError) in
            try JSONValue(parsing: bytes, limits: Self.jsonLimits)
        }
        guard case .object(let object) = value else {
            throw Fault(
                .badRequest, code: "MALFORMED_JSON",
                "expected a JSON object as the body, got \(value.typeName)")
        }
        return object
    }

    /// The exchange bounds the bytes.
    private static let jsonLimits = JSONLimits(bytesMax: .max)

    private func parsed<Value: Sendable>(
        none: Value, _ parse: @Sendable ([UInt8]) throws(JSONError) -> Value
    ) async throws -> Value {
        try requireMediaType("application/json")
        let buffer = try await bytes()
        if buffer.readableBytes == 0, route.body?.isRequired != true { return none }
        let bytes = Array(buffer.readableBytesView)
        let result: Result<Value, JSONError>
        if bytes.count > Self.smallBytesMax {
            result = await offEventLoop { Self.result(bytes, parse) }
        } else {
            result = Self.result(bytes, parse)
        }
        switch result {
        case .success(let value): return value
        case .failure(let error): throw Fault(error)
        }
    }

    private static func result<Value>(
        _ bytes: [UInt8], _ parse: ([UInt8]) throws(JSONError) -> Value
    ) -> Result<Value, JSONError> {
        do throws(JSONError) {
            return .success(try parse(bytes))
        } catch {
            return .failure(error)
        }
    }

    /// The media type of the body without its parameters, in lower case; nil where none was given.
    package var mediaType: String? {
        header(.contentType).map { MediaType.essence($0) }
    }

    private func requireMediaType(_ expected: String) throws(Fault) {
        guard let type = mediaType, type != expected, !type.hasSuffix("+json") else { return }
        throw Fault(
            .unsupportedMediaType, code: "UNSUPPORTED_MEDIA_TYPE",
            "expected content-type \(expected), got '\(type.prefix(64))'")
    }
}

extension StringProtocol {
    /// This text without the characters of `isDropped` at both ends.
    func trimming(_ isDropped: (Character) -> Bool) -> SubSequence {
        guard let first = firstIndex(where: { !isDropped($0) }),
            let last = lastIndex(where: { !isDropped($0) })
        else { return self[endIndex...] }
        return self[first...last]
    }
}

/// Requests are served on their connection's event loop. What may hold it for more than about 100 µs
/// goes to the threads that all tasks share.
func offEventLoop<Value: Sendable>(
    _ body: @Sendable () async throws -> Value
) async rethrows -> Value {
    try await withTaskExecutorPreference(globalConcurrentExecutor, operation: body)
}
