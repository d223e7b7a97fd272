internal import HTTPTypes
package import JSON
internal import Messages
internal import NIOCore
package import Operations
internal import Transport
internal import ProtobufRuntime
internal import RPC

/// The public URLs of webhooks. Nobody is asked who they are: each webhook has a check of its own.
package struct WebhooksDialect: Dialect {
    private let operations: Operations

    package init(_ operations: Operations) { self.operations = operations }

    package let name = "webhooks"
    package let prefixes = ["/v1/webhooks"]
    package let errors: any DialectErrors = PlainErrors()

    package var schemas: [(String, JSONValue)] {
        [
            (
                "WebhookAccepted",
                [
                    "type": "object",
                    "required": ["executionId", "executionNumber", "status", "repeated"],
                    "properties": [
                        "executionId": ["type": "string", "format": "uuid"],
                        "executionNumber": ["type": "integer"],
                        "status": ["type": "string"],
                        "repeated": [
                            "type": "boolean",
                            "description": "An earlier delivery of the same made it.",
                        ],
                    ],
                ]
            )
        ]
    }

    package var routes: [Route] {
        [
            Route(
                .post, "/v1/webhooks/{webhookId}/trigger", id: "triggerWebhook",
                summary: "Takes a delivery, which the webhook verifies in its own way.",
                parameters: [.path("webhookId", "The webhook's id.")],
                body: RouteBody(
                    [
                        ("application/json", ["description": "Any JSON."]),
                        ("application/x-www-form-urlencoded", ["type": "object"]),
                        ("text/plain", ["type": "string"]),
                    ], isRequired: false),
                answers: [
                    .json(200, ["description": "Any JSON."], "The execution's output"),
                    .json(202, .ref("WebhookAccepted"), "The execution is committed"),
                ], faults: [(401, "The delivery does not verify.")], access: .open,
                place: .anyThread
            ) { [operations] request in
                try await Self.serve(request, operations)
            }
        ]
    }

    private static func serve(_ request: BridgeRequest, _ operations: Operations) async throws
        -> Answer
    {
        let id = try request.path("webhookId")
        let source = SourceNetwork.text(request.peer.connection.remoteAddress)
        let fields = request.exchange.request.headerFields
        do {
            let delivery = try await operations.admitDelivery(id, from: source)
            let post = WebhookPost(
                header: { name in HTTPField.Name(name).flatMap { fields[$0] } },
                query: request.query.pairs, mediaType: request.mediaType ?? "",
                body: try await body(of: request, delivery), origin: request.caller.origin,
                source: source, traceparent: request.trace.traceparent)
            return answer(try await operations.fireWebhook(delivery, post))
        } catch let error as OperationError {
            guard error.reason == "BODY_TOO_LARGE" else { throw error }
            throw Fault(.contentTooLarge, code: error.reason, error.message)
        }
    }

    /// Nothing is read of a body that says it is too large, and no more than there is room for of others.
    private static func body(of request: BridgeRequest, _ delivery: AdmittedDelivery)
        async throws -> [UInt8]
    {
        try delivery.check(request.header(.contentLength).flatMap { Int($0) } ?? 0)
        var bytes: [UInt8] = []
        for try await piece in request.body {
            try delivery.read(piece.readableBytes)
            bytes += piece.readableBytesView
        }
        return bytes
    }

    private static func answer(_ answer: WebhookAnswer) -> Answer {
        switch answer {
        case .challenge(let text):
            return .text(text)
        case .completed(let execution):
            return .json(
                JSONText(trusted: execution.outputJSON.isEmpty ? "null" : execution.outputJSON))
        case .ended(let execution):
            return .json(
                [
                    "code": "EXECUTION_NOT_COMPLETED",
                    "message": .string("the execution ended \(word(execution.status))"),
                    "executionId": .string(execution.id),
                    "executionNumber": .number(JSONNumber(execution.number)),
                    "status": .string(word(execution.status)),
                    "error": .string(execution.error?.code ?? ""),
                ], status: .internalServerError)
        case .accepted(let execution, let isRepeated):
            return .json(
                [
                    "executionId": .string(execution.id),
                    "executionNumber": .number(JSONNumber(execution.number)),
                    "status": .string(word(execution.status)),
                    "repeated": .bool(isRepeated),
                ], status: .accepted)
        }
    }

    private static func word(_ status: ExecutionStatus) -> String {
        status.shortName.lowercased()
    }
}
