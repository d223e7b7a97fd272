package import Logging
internal import Operations
package import RPC

/// Turns whatever a call fails with into a status: an operation's error by the one mapping, anything
/// unknown into INTERNAL with a generic message, its details in our log only. Watches how every call
/// ends, for the log and the metrics; so it is the outermost interceptor.
package struct StatusInterceptor: Interceptor {
    private let logger: Logger
    private let metrics: CallMetrics

    package init(logger: Logger, metrics: CallMetrics) {
        self.logger = logger
        self.metrics = metrics
    }

    package func intercept(
        _ context: CallContext, next: @escaping @Sendable (CallContext) async throws -> Void
    ) async throws {
        let start = ContinuousClock.now
        do {
            try await next(context)
            ended(context, nil, start)
        } catch {
            let status = self.status(error, context)
            ended(context, status, start)
            throw status
        }
    }

    private func status(_ error: any Error, _ context: CallContext) -> RPCError {
        switch error {
        case let error as OperationError:
            return RPCError(
                error, room: context.connection.wireProtocol == .grpc ? .header : .message)
        case let error as RPCError:
            return error.withErrorInfo()
        case is CancellationError:
            return RPCError(.cancelled, "the call was cancelled").withErrorInfo()
        default:
            logger.error(
                "a call failed unexpectedly",
                metadata: [
                    "method": "\(context.method.path)", "error": "\(String(reflecting: error))",
                ])
            return RPCError(.internal, "internal error; see the server's log").withErrorInfo()
        }
    }

    private func ended(
        _ context: CallContext, _ error: RPCError?, _ start: ContinuousClock.Instant
    ) {
        let duration = start.duration(to: .now)
        let code = error?.code ?? .ok
        metrics.ended(context.method, code, duration)
        // What the server itself is to blame for is worth a line at info.
        let isOurs = code == .internal || code == .unknown || code == .dataLoss
        let level: Logger.Level = isOurs ? .info : .debug
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [
            "method": "\(context.method.path)", "code": "\(code.protobufName)",
            "duration_us":
                "\(duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000)",
            "peer": "\(context.connection.remoteAddress)",
            "protocol": "\(context.connection.wireProtocol.rawValue)",
        ]
        if let error { metadata["message"] = "\(error.message)" }
        logger.log(level: level, "call", metadata: metadata)
    }
}
