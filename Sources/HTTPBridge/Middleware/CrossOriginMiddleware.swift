internal import HTTPTypes
internal import Hummingbird

/// Cross-origin requests (the Fetch standard's CORS protocol): only configured origins may read
/// answers. No cookies are in play, so that credentials are never allowed.
struct CrossOriginMiddleware: RouterMiddleware {
    let policy: CrossOriginPolicy
    let table: RouteTable

    func handle(
        _ request: Request, context: BridgeContext,
        next: (Request, BridgeContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin] else { return try await next(request, context) }
        guard let allowed = policy.allowedOrigin(origin) else {
            var response = try await next(request, context)
            response.headers.addVary("origin")
            return response
        }
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            let entries = table.entries(at: request.uri.path)
            if !entries.isEmpty {
                return Response(
                    status: .noContent,
                    headers: policy.preflight(origin: allowed, methods: entries.allowed))
            }
        }
        var response = try await next(request, context)
        response.headers[.accessControlAllowOrigin] = allowed
        response.headers[.accessControlExposeHeaders] = CrossOriginPolicy.exposedHeaders
        response.headers.addVary("origin")
        return response
    }
}
