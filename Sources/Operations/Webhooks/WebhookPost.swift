/// One delivery, as the bridge got it.
package struct WebhookPost: Sendable {
    /// A header field's value; nil if it did not come.
    package let header: @Sendable (String) -> String?
    package let query: [(name: String, value: String)]
    /// Without parameters, in small letters; empty where none was given.
    package let mediaType: String
    package let body: [UInt8]
    package let origin: String
    /// The network address it came from, without a port, as far as one sender goes: what does not
    /// verify is bounded for each.
    package let source: String
    package let traceparent: String

    package init(
        header: @escaping @Sendable (String) -> String?, query: [(name: String, value: String)],
        mediaType: String, body: [UInt8], origin: String, source: String, traceparent: String
    ) {
        self.header = header
        self.query = query
        self.mediaType = mediaType
        self.body = body
        self.origin = origin
        self.source = source
        self.traceparent = traceparent
    }
}
