internal import HTTPTypes
internal import JSON
internal import Operations

/// The **automation** dialect: single runs and batches, told about by Socket.IO.
struct AutomationDialect: Dialect {
    private let calls: AutomationCalls
    private let socketIO: SocketIOServer

    init(_ operations: Operations, limits: SocketIOLimits = SocketIOLimits()) {
        calls = AutomationCalls(operations: operations)
        let feed = AutomationFeed(operations: operations)
        socketIO = SocketIOServer(limits: limits) { try await feed.run($0, $1) }
    }

    let name = "automation"
    let prefixes = [
        "/api/workflows/execute", "/api/workflows/execution", "/api/workflows/executions",
    ]
    let errors: any DialectErrors = AutomationErrors()
    var schemas: [(String, JSONValue)] { AutomationSchemas.all }

    var routes: [Route] { reading + controlling + batches + live }

    private static let done = RouteAnswer.json(200, .ref("AutomationDone"))
    private static let target = RouteBody.json(.ref("AutomationTarget"), isRequired: false)

    private var reading: [Route] {
        [
            Route(
                .post, "/api/workflows/execute", id: "automationExecute",
                summary: "Execute a workflow, or many in parallel.",
                body: RouteBody([
                    ("application/json", .ref("AutomationExecute")),
                    ("multipart/form-data", .ref("AutomationForm")),
                ]),
                answers: [.json(200, .ref("AutomationExecuted"))], place: .anyThread,
                serve: calls.execute),
            Route(
                .get, "/api/workflows/execution/{executionId}", id: "automationStatus",
                summary: "Get execution status.", parameters: [.path("executionId")],
                answers: [.json(200, .ref("AutomationStatus"))], serve: calls.status),
            Route(
                .get, "/api/workflows/execution/status", id: "automationStatusByQuery",
                summary: "Get execution status by query, or of the most recent execution.",
                parameters: [.query("executionId")],
                answers: [.json(200, .ref("AutomationStatus"))], serve: calls.statusByQuery),
            Route(
                .get, "/api/workflows/executions/active", id: "automationActive",
                summary: "List active executions.",
                answers: [.json(200, .ref("AutomationActive"))], place: .anyThread,
                serve: calls.active),
        ]
    }

    private var controlling: [Route] {
        [
            Route(
                .post, "/api/workflows/execution/stop", id: "automationStop",
                summary: "Stop an execution, or the most recent one.", body: Self.target,
                answers: [Self.done], serve: calls.stop),
            Route(
                .post, "/api/workflows/execution/stop-all", id: "automationStopAll",
                summary: "Stop all batches and executions.", answers: [Self.done],
                serve: calls.stopAll),
            Route(
                .post, "/api/workflows/execution/continue", id: "automationContinue",
                summary: "Continue a paused execution, or the most recent one.",
                body: Self.target, answers: [Self.done], serve: calls.continueExecution),
            Route(
                .post, "/api/workflows/execution/trace-logs", id: "automationTraceLogs",
                summary: "Turn trace logs on or off.", body: .json(.ref("AutomationTrace")),
                answers: [Self.done], serve: calls.traceLogs),
            Route(
                .post, "/api/workflows/execution/pause-control", id: "automationPauseControl",
                summary: "Control a paused execution.", body: .json(.ref("AutomationPause")),
                answers: [Self.done], serve: calls.pauseControl),
        ]
    }

    private var batches: [Route] {
        [
            Route(
                .get, "/api/workflows/execution/batch/{batchId}", id: "automationBatch",
                summary: "Get batch status.", parameters: [.path("batchId")],
                answers: [.json(200, .ref("AutomationBatch"))], place: .anyThread,
                serve: calls.batch),
            Route(
                .get, "/api/workflows/executions/batches", id: "automationBatches",
                summary: "Get batch history, newest first.",
                parameters: [
                    .query(
                        "status",
                        schema: [
                            "enum": .array(
                                AutomationWords.batchStatuses.words.map { .string($0) })
                        ]),
                    .query(
                        "limit", schema: ["type": "integer", "minimum": 1, "maximum": 1_000]),
                    .query(
                        "offset", schema: ["type": "integer", "minimum": 0, "maximum": 10_000]),
                ],
                answers: [.json(200, .ref("AutomationBatches"))], place: .anyThread,
                serve: calls.batches),
            Route(
                .post, "/api/workflows/execution/batch/{batchId}/stop", id: "automationStopBatch",
                summary: "Stop a batch.", parameters: [.path("batchId")], answers: [Self.done],
                serve: calls.stopBatch),
            Route(
                .delete, "/api/workflows/executions/batches/clear", id: "automationClear",
                summary: "Erase all batches and executions of the workspace. Needs admin.",
                parameters: [
                    .query("force", "Stop first what runs.", schema: ["type": "boolean"])
                ], answers: [Self.done], place: .anyThread, serve: calls.clear),
        ]
    }

    private var live: [Route] {
        let parameters: [RouteParameter] = [
            .query("EIO", schema: ["const": "4"], isRequired: true),
            .query("transport", schema: ["enum": ["polling", "websocket"]], isRequired: true),
            .query("sid"),
            .query("token", "Where neither a header field nor the CONNECT packet has it."),
        ]
        return [
            Route(
                .get, "/socket.io", id: "automationSocketGet",
                summary: "Socket.IO: handshake, poll, WebSocket.", parameters: parameters,
                answers: [
                    .content(200, "text/plain"), .empty(101, "A WebSocket."), Self.refusal,
                ], faults: [(426, "A WebSocket was asked for without its handshake.")],
                access: .open, serve: socketIO.get),
            Route(
                .post, "/socket.io", id: "automationSocketPost", summary: "Socket.IO: send.",
                parameters: parameters, body: RouteBody([("text/plain", ["type": "string"])]),
                answers: [.content(200, "text/plain"), Self.refusal], access: .open,
                serve: socketIO.post),
        ]
    }

    /// A handshake is refused in the protocol's own numbers.
    private static let refusal = RouteAnswer.json(
        400,
        [
            "anyOf": [
                .ref("AutomationError"),
                [
                    "type": "object", "required": ["code", "message"],
                    "properties": ["code": ["type": "integer"], "message": ["type": "string"]],
                ],
            ]
        ], "The handshake or the request is not the protocol's.")
}
