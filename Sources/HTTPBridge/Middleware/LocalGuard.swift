internal import HTTPTypes
internal import Hummingbird
internal import Transport

/// Keeps web pages of other origins, and names that only seem to be this machine's (DNS rebinding),
/// from the plain loopback listener, whose callers need no token.
struct LocalGuard: RouterMiddleware {
    let policy: CrossOriginPolicy

    func handle(
        _ request: Request, context: BridgeContext,
        next: (Request, BridgeContext) async throws -> Response
    ) async throws -> Response {
        if let port = context.exchange.peer.localPort {
            try Self.check(
                request.head, port: port, policy,
                // Socket.IO's own payloads need a session id, which only its answers tell.
                takesText: request.uri.path.hasPrefix("/socket.io"))
        }
        return try await next(request, context)
    }

    /// - Throws: `Fault` 403 for a foreign `Host` or `Origin`, 415 for a body that a web page may
    ///   send without asking.
    static func check(
        _ request: HTTPRequest, port: Int, _ policy: CrossOriginPolicy, takesText: Bool = false
    ) throws(Fault) {
        let hosts = ["127.0.0.1:\(port)", "localhost:\(port)", "[::1]:\(port)"]
        guard let host = request.authority?.lowercased(), hosts.contains(host) else {
            throw Fault(
                .forbidden, code: "HOST_REFUSED",
                "expected a host of this machine with the port \(port)")
        }
        if let origin = request.headerFields[.origin]?.lowercased(),
            !hosts.contains(where: { origin == "http://\($0)" }),
            policy.allowedOrigin(origin) == nil
        {
            throw Fault(
                .forbidden, code: "ORIGIN_REFUSED",
                "expected no origin, this listener's own or a configured one")
        }
        guard let type = request.headerFields[.contentType].map(MediaType.essence) else { return }
        guard
            type == "application/json" || type == "multipart/form-data"
                || takesText && type == "text/plain"
        else {
            throw Fault(
                .unsupportedMediaType, code: "UNSUPPORTED_MEDIA_TYPE",
                "expected content-type application/json or multipart/form-data, got "
                    + "'\(type.prefix(64))'")
        }
    }
}
