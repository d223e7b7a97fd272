internal import HTTPTypes
internal import Logging
internal import RPC
internal import Transport

/// One line per request. It names paths and never queries, which may hold tickets and tokens.
struct AccessLog: Sendable {
    let logger: Logger

    func write(
        _ exchange: HTTPExchange, path: String, status: HTTPResponse.Status, record: RequestRecord,
        trace: RequestTrace, duration: Duration
    ) {
        guard logger.logLevel <= .info else { return }
        let (seconds, attoseconds) = duration.components
        var metadata: Logger.Metadata = [
            "method": "\(exchange.request.method.rawValue)", "path": "\(path)",
            "status": "\(status.code)",
            "duration_us": "\(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)",
            "peer": "\(exchange.peer.connection.remoteAddress)",
            "protocol": "\(exchange.peer.version.rawValue)", "trace_id": "\(trace.traceID)",
        ]
        if trace.requestID != trace.traceID { metadata["request_id"] = "\(trace.requestID)" }
        let noted = record.current
        if !noted.operationID.isEmpty { metadata["operation"] = "\(noted.operationID)" }
        if !noted.principal.isEmpty { metadata["principal"] = "\(noted.principal)" }
        if !noted.code.isEmpty { metadata["code"] = "\(noted.code)" }
        logger.info("request", metadata: metadata)
    }
}
