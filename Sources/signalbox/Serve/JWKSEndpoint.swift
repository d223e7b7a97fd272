internal import HTTPClient
internal import Operations

/// An issuer's keys at a URL. Redirects are not followed: the operator named whom to trust.
struct JWKSEndpoint: JWKSSource {
    /// How long the issuer has.
    private static let timeout = Duration.seconds(10)

    let url: String
    private let client = HTTPClient()

    init(url: String) {
        self.url = url
    }

    func read(bytesMax: Int) async throws -> [UInt8] {
        let request = HTTPClientRequest(
            url: url, headers: [.init("accept", "application/jwk-set+json, application/json")],
            responseBytesMax: bytesMax)
        let response = try await client.send(request, until: .now.advanced(by: Self.timeout))
        guard response.status == 200 else {
            throw StartFailure("\(url) answered \(response.status), expected 200")
        }
        return response.body
    }

    /// Ends its connections.
    func shutDown() async { await client.shutDown() }
}
