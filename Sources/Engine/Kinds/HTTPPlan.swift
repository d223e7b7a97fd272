/// A request as an `http` node wants it sent, with every expression resolved.
package struct HTTPPlan: Sendable, Equatable {
    package var method: String
    package var url: String
    package var headers: [Header]
    /// nil: no body.
    package var body: String?
    /// Added unless `headers` has one.
    package var contentType: String?
    /// Sent as `Authorization: Basic`.
    package var basic: BasicCredentials?
    /// Whether the body holds a secret, so that it may not follow a redirect to another origin.
    package var bodyHoldsSecret = false
    package var redirectsMax: Int
    package var responseBytesMax: Int

    /// One header line.
    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: String
        /// Whether the value holds a secret, so that it may not follow a redirect to another origin.
        package var holdsSecret = false

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// RFC 7617.
    package struct BasicCredentials: Sendable, Equatable {
        package var username: String
        package var password: String

        package init(username: String, password: String) {
            self.username = username
            self.password = password
        }
    }

    package init(
        method: String, url: String, headers: [Header] = [], body: String? = nil,
        contentType: String? = nil, redirectsMax: Int = 5, responseBytesMax: Int = 1 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.contentType = contentType
        self.redirectsMax = redirectsMax
        self.responseBytesMax = responseBytesMax
    }
}
