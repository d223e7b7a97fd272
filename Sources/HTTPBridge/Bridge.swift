internal import HTTPTypes
internal import Hummingbird
package import Logging
internal import NIOCore
package import Transport

/// The JSON/HTTP bridge: Hummingbird's router with our routes, driven by our connections.
package struct Bridge: HTTPHandler {
    private let responder: RouterResponder<BridgeContext>
    private let logger: Logger
    private let access: AccessLog

    /// A bridge that serves `dialects`, and its own `/healthz`, `/openapi.json` and `/docs`.
    /// - Parameters:
    ///   - version: of the server, for OpenAPI.
    ///   - origins: whose web pages may use it.
    package init(
        dialects: [any Dialect], identification: Identification, version: String,
        origins: CrossOriginPolicy = CrossOriginPolicy(),
        logger: Logger = Logger(label: "signalbox.http")
    ) {
        let system = SystemDialect(OpenAPIDocument(dialects: dialects, version: version))
        let table = RouteTable(dialects, fallback: system)
        let router = Router(context: BridgeContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: CrossOriginMiddleware(policy: origins, table: table))
        router.add(
            middleware: RateFields(table: table) { identification.freshRate() })
        router.add(middleware: FaultMiddleware(table: table, logger: logger))
        router.add(middleware: LocalGuard(policy: origins))
        for entry in table.entries {
            router.on(
                RouterPath(entry.route.path.routerPath), method: entry.route.method,
                responder: RouteResponder(
                    route: entry.route, tellsRateAlways: entry.dialect.tellsRateAlways,
                    identification: identification))
        }
        responder = router.buildResponder()
        self.logger = logger
        access = AccessLog(logger: logger)
    }

    package func serve(_ exchange: HTTPExchange) async {
        let start = ContinuousClock.now
        var random = SystemRandomNumberGenerator()
        let trace = RequestTrace(exchange.request.headerFields) { (random.next(), random.next()) }
        let context = BridgeContext(
            source: BridgeSource(logger: logger, exchange: exchange, trace: trace))
        let request = Request(
            head: exchange.request, body: RequestBody(asyncSequence: exchange.body))
        var status = HTTPResponse.Status.internalServerError
        do {
            var response = try await responder.respond(to: request, context: context)
            response.headers[.requestID] = trace.requestID
            response.headers[.xContentTypeOptions] = "nosniff"
            status = response.status
            if let webSocket = context.record.current.webSocket {
                status = try await serve(webSocket, exchange)
            } else {
                try await response.body.write(ExchangeWriter(exchange, response.head))
            }
        } catch is CancellationError {
            // The client has gone; what it would have got is in the log.
        } catch {
            // Too late for another answer: the connection tells the client that this one broke off.
            logger.error(
                "an answer broke off",
                metadata: ["path": "\(request.uri.path)", "error": "\(String(reflecting: error))"])
        }
        access.write(
            exchange, path: request.uri.path, status: status, record: context.record, trace: trace,
            duration: start.duration(to: .now))
    }

    private func serve(
        _ webSocket: @Sendable (WebSocket) async -> Void, _ exchange: HTTPExchange
    ) async throws -> HTTPResponse.Status {
        guard let socket = try await exchange.upgradeToWebSocket() else {
            let body = ByteBuffer(
                string: #"{"code":"UPGRADE_REQUIRED","message":"expected a WebSocket handshake"}"#)
            try await exchange.respond(
                HTTPResponse(
                    status: .upgradeRequired,
                    headerFields: [.contentType: "application/json", .upgrade: "websocket"]),
                body)
            return .upgradeRequired
        }
        await webSocket(socket)
        socket.close(.normal)
        return .switchingProtocols
    }
}

extension PathTemplate {
    /// This template as the router writes it.
    var routerPath: String {
        segments.map { segment in
            switch segment {
            case .literal(let text): "/" + text
            case .capture(let name): "/:" + name
            }
        }.joined()
    }
}
