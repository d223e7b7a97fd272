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
        let path = request.uri.path
        let dialect = table.entries(at: path).first?.dialect ?? table.dialect(of: path)
        guard let rate = context.record.current.rate ?? (dialect.tellsRateAlways ? fresh() : nil)
        else { return response }
        response.headers[.rateLimitLimit] = "\(rate.limit)"
        response.headers[.rateLimitRemaining] = "\(rate.remaining)"
        response.headers[.rateLimitReset] = "\(rate.resetSeconds)"
        return response
    }
}
