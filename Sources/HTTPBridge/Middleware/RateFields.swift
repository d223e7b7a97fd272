internal import HTTPTypes
internal import Hummingbird
internal import Operations

/// Tells callers where they stand with their calls a minute: `X-RateLimit-Limit`, `-Remaining` and
/// `-Reset`, in seconds since 1970.
struct RateFields: RouterMiddleware {
    let table: RouteTable
    /// Where somebody stands who has made no call yet.
    let fresh: @Sendable () -> RateStatus

    func handle(
        _ request: Request, context: BridgeContext,
        next: (Request, BridgeContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        let noted = context.record.current
        guard let rate = noted.rate ?? (tellsAlways(noted, request.uri.path) ? fresh() : nil) else {
            return response
        }
        response.headers[.rateLimitLimit] = "\(rate.limit)"
        response.headers[.rateLimitRemaining] = "\(rate.remaining)"
        response.headers[.rateLimitReset] = "\(rate.resetSeconds)"
        return response
    }

    private func tellsAlways(_ noted: RequestRecord.State, _ path: String) -> Bool {
        if let tells = noted.tellsRateAlways { return tells }
        return (table.entries(at: path).first?.dialect ?? table.dialect(of: path)).tellsRateAlways
    }
}
