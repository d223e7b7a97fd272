package import HTTPTypes

extension HTTPField.Name {
    package static let traceparent = known("traceparent")
    package static let requestID = known("x-request-id")
    package static let apiKey = known("x-api-key")
    /// The key header of the executions client.
    package static let clientAPIKey = known("X-N8N-API-KEY")
    package static let link = known("link")
    static let rateLimitLimit = known("X-RateLimit-Limit")
    static let rateLimitRemaining = known("X-RateLimit-Remaining")
    static let rateLimitReset = known("X-RateLimit-Reset")

    /// Proxies that know it pass a stream on as it comes.
    static let xAccelBuffering = known("x-accel-buffering")
    static let lastEventID = known("last-event-id")

    /// A name that is written here, and valid.
    private static func known(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else {
            preconditionFailure("'\(text)' is no field name")
        }
        return name
    }
}
