/// A request as an `http` node wants it sent, with every expression resolved.
package struct HTTPPlan: Sendable, Equatable {
    package var method: String
    package var url: String
    package var headers: [Header]
    /// nil: no body.
    package var body: String?
    /// Added unless `headers` has one.
    package var contentType: String?
    package var redirectsMax: Int
    package var responseBytesMax: Int

    /// One header line.
    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
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
