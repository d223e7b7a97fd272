internal import HTTPTypes

/// Which origins may read answers, as a value.
package struct CrossOriginPolicy: Sendable, Equatable {
    static let exposedHeaders =
        "ETag, Link, Location, Retry-After, X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, "
        + "X-RateLimit-Reset, Content-Disposition"
    private static let requestHeaders =
        "Authorization, Content-Type, X-Api-Key, X-N8N-API-KEY, X-Idempotency-Key, X-Request-Id, "
        + "Traceparent, If-None-Match, Last-Event-ID"

    /// For example `https://app.example.com`; `*` allows every one.
    private let origins: Set<String>

    package init(origins: [String] = []) {
        self.origins = Set(origins.map { $0.lowercased() })
    }

    /// What `Access-Control-Allow-Origin` says to `origin`; nil: nothing.
    func allowedOrigin(_ origin: String) -> String? {
        if origins.contains("*") { return "*" }
        return origins.contains(origin.lowercased()) ? origin : nil
    }

    /// The answer's fields to the question before a request.
    func preflight(origin: String, methods: [HTTPRequest.Method]) -> HTTPFields {
        [
            .accessControlAllowOrigin: origin,
            .accessControlAllowMethods: methods.map(\.rawValue).joined(separator: ", "),
            .accessControlAllowHeaders: Self.requestHeaders,
            .accessControlMaxAge: "600",
            .vary: "origin, access-control-request-method, access-control-request-headers",
        ]
    }
}
