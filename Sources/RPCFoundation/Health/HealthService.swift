package import RPC

/// Serves `grpc.health.v1.Health` from a server's statuses.
package struct HealthService: HealthHandler {
    private let statuses: ServingStatuses

    /// A service that tells `statuses`.
    package init(_ statuses: ServingStatuses) {
        self.statuses = statuses
    }

    /// The status of one service, or of the server if none is named.
    /// - Throws: NOT_FOUND for a service that is not known.
    package func check(
        _ request: HealthCheckRequest, context: CallContext
    ) async throws -> HealthCheckResponse {
        guard let status = statuses.status(of: request.service) else {
            throw RPCError(.notFound, "unknown service \(request.service)")
        }
        return HealthCheckResponse(status: status)
    }

    /// The status now and after each change, until the caller cancels.
    package func watch(
        _ request: HealthCheckRequest, responses: MessageWriter<HealthCheckResponse>,
        context: CallContext
    ) async throws {
        var last: HealthCheckResponse.ServingStatus?
        for await status in statuses.watch(request.service) where status != last {
            last = status
            try await responses.write(HealthCheckResponse(status: status))
        }
        try Task.checkCancellation()
    }
}
