internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Operations

/// An issuer's keys at a URL. Redirects are not followed: the operator named whom to trust.
struct JWKSEndpoint: JWKSSource {
    /// How long the issuer has.
    private static let timeout = TimeAmount.seconds(10)

    let url: String
    private let client: HTTPClient

    init(url: String) {
        self.url = url
        client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: HTTPClient.Configuration(
                redirectConfiguration: .disallow,
                timeout: .init(connect: Self.timeout, read: Self.timeout)))
    }

    func read(bytesMax: Int) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "accept", value: "application/jwk-set+json, application/json")
        let response = try await client.execute(request, timeout: Self.timeout)
        guard response.status == .ok else {
            throw StartFailure("\(url) answered \(response.status.code), expected 200")
        }
        var body = try await response.body.collect(upTo: bytesMax)
        return body.readBytes(length: body.readableBytes) ?? []
    }

    /// Ends its connections.
    func shutDown() async {
        try? await client.shutdown()
    }
}
