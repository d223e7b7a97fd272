internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Operations
internal import Transport

/// Turns whatever a request fails with into its dialect's answer; the one place where that is done.
struct FaultMiddleware: RouterMiddleware {
    let table: RouteTable
    let logger: Logger

    func handle(
        _ request: Request, context: BridgeContext,
        next: (Request, BridgeContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && error.body == nil {
            return try await unrouted(request, context)
        } catch {
            return answer(error, request, context)
        }
    }

    /// The router knows no such path, or not with this method.
    private func unrouted(_ request: Request, _ context: BridgeContext) async throws -> Response {
        let entries = table.entries(at: request.uri.path)
        guard !entries.isEmpty else {
            return answer(Fault.unknownPath(request.uri.path), request, context)
        }
        let allowed = entries.allowed
        guard request.method == .options else {
            return answer(Fault.methodNotAllowed(request.method, allowed), request, context)
        }
        return Response(status: .noContent, headers: [.allow: Self.text(allowed)])
    }

    private func answer(
        _ error: any Error, _ request: Request, _ context: BridgeContext
    ) -> Response {
        let fault = fault(error, request)
        context.record.update { record in
            record.code = fault.code
            if let rate = fault.operationError?.rate { record.rate = rate }
        }
        let path = request.uri.path
        let entries = table.entries(at: path)
        let entry = entries.first { $0.route.method == request.method } ?? entries.first
        let dialect = entry?.dialect ?? table.dialect(of: path)
        let faulted = FaultedRequest(
            method: request.method, target: path, requestID: context.trace.requestID,
            route: entry?.route)
        var answer = dialect.errors.answer(fault, to: faulted)
        if !fault.allowed.isEmpty { answer.headers[.allow] = Self.text(fault.allowed) }
        if let seconds = fault.retryAfterSeconds { answer.headers[.retryAfter] = "\(seconds)" }
        if answer.status == .unauthorized { answer.headers[.wwwAuthenticate] = "Bearer" }
        return Response(answer, context)
    }

    private func fault(_ error: any Error, _ request: Request) -> Fault {
        switch error {
        case let error as Fault: return error
        case let error as OperationError: return Fault(error)
        case let error as HTTPBodyError: return Fault(error)
        case let error as HTTPError:
            return Fault(
                error.status, code: "HTTP_\(error.status.code)",
                error.body ?? error.status.reasonPhrase)
        case is CancellationError:
            return Fault(OperationError(.cancelled, reason: "CANCELLED", "the client has gone"))
        default:
            logger.error(
                "a request failed unexpectedly",
                metadata: [
                    "method": "\(request.method.rawValue)", "path": "\(request.uri.path)",
                    "error": "\(String(reflecting: error))",
                ])
            return .unexpected
        }
    }

    private static func text(_ methods: [HTTPRequest.Method]) -> String {
        methods.map(\.rawValue).joined(separator: ", ")
    }
}

extension Fault {
    /// For `Retry-After`: rounded up, at least one; nil where trying again is not what helps.
    var retryAfterSeconds: Int64? {
        guard let retryAfter else { return status == .tooManyRequests ? 1 : nil }
        let (seconds, attoseconds) = retryAfter.components
        return max(1, seconds + (attoseconds > 0 ? 1 : 0))
    }
}
