internal import HTTPTypes
internal import Hummingbird
internal import Messages
internal import Operations
internal import Transport

/// Serves one route: identifies the caller, runs the handler where it belongs, and finishes its
/// answer.
struct RouteResponder: HTTPResponder {
    typealias Context = BridgeContext

    let route: Route
    let identification: Identification

    func respond(to request: Request, context: BridgeContext) async throws -> Response {
        let target = request.head.path ?? "/"
        let end = target.firstIndex(of: "?") ?? target.endIndex
        let path = target[..<end]
        guard let captures = route.path.match(path) else { throw Fault.unknownPath(String(path)) }
        context.record.update { $0.operationID = route.id }
        let identity = try await identity(
            request, context, ticket: try ticket(target[end...].dropFirst()))
        let asked = try BridgeRequest(
            context.exchange, route: route, captures: captures, target: String(path),
            query: target[end...].dropFirst(), identity: identity, identification: identification,
            trace: context.trace)
        let answer: Answer
        switch route.place {
        case .eventLoop:
            answer = try await serve(asked, request)
        case .anyThread:
            answer = try await offEventLoop { try await serve(asked, request) }
        }
        return Response(answer, context)
    }

    private func serve(_ asked: BridgeRequest, _ request: Request) async throws -> Answer {
        try await route.serve(asked).finished(for: request.method, request.headers)
    }

    private func ticket(_ query: Substring) throws(Fault) -> String? {
        route.access == .ticket ? try QueryItems(query).first("ticket") : nil
    }

    private func identity(
        _ request: Request, _ context: BridgeContext, ticket: String?
    ) async throws -> Identity {
        guard route.access != .open else {
            return identification.nobody(context.exchange.peer, context.trace.traceparent)
        }
        let identity = try await identification.identify(
            request.headers, context.exchange.peer, ticket: ticket,
            traceparent: context.trace.traceparent)
        if let rate = identity.rate { context.record.update { $0.rate = rate } }
        guard let principal = identity.caller.principal else {
            throw Identification.missing
        }
        context.record.update { $0.principal = principal.name }
        return identity
    }
}

extension Response {
    /// A route's answer for the router.
    init(_ answer: Answer, _ context: BridgeContext) {
        let body: ResponseBody
        switch answer.body {
        case .none:
            body = ResponseBody()
        case .bytes(let bytes):
            body = ResponseBody(byteBuffer: bytes)
        case .stream(let write):
            let isCompressed = answer.headers[.contentEncoding] == "gzip"
            body = ResponseBody { output in
                let writer = try AnswerWriter(output, isCompressed: isCompressed)
                try await write(writer)
                try await writer.finish()
            }
        case .events(let stream):
            body = ResponseBody { [exchange = context.exchange] output in
                try await stream.write(to: &output, exchange)
                try await output.finish(nil)
            }
        case .webSocket(let serve):
            context.record.update { $0.webSocket = serve }
            body = ResponseBody()
        }
        self.init(status: answer.status, headers: answer.headers, body: body)
    }
}
