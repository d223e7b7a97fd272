internal import HTTPTypes
package import JSON
package import Operations

/// The **executions client** dialect: run history and control, as `n8n-client` calls it.
package struct ExecutionsClientDialect: Dialect {
    private let calls: ExecutionsClientCalls

    package init(_ operations: Operations) {
        calls = ExecutionsClientCalls(operations: operations)
    }

    package let name = "executions client"
    package let prefixes = ["/api/v1"]
    package let errors: any DialectErrors = ExecutionsClientErrors()
    package var schemas: [(String, JSONValue)] { ExecutionsClientSchemas.all }

    private static let id = RouteParameter.path(
        "id", "The execution's number; its UUID and `exec-` with its number are taken, too.",
        schema: ["type": "string", "pattern": "^[1-9][0-9]{0,17}$"])
    private static let includeData = RouteParameter.query(
        "includeData", "Show `data`, `workflowData` and `customData`.", schema: ["type": "boolean"])
    private static let ignoreLimit = RouteParameter.query(
        "ignoreDataSizeLimit", "Show `data` also where it is large.", schema: ["type": "boolean"])

    package var routes: [Route] {
        [
            Route(
                .get, "/api/v1/executions", id: "clientListExecutions",
                summary: "List executions, newest first.", parameters: Self.listParameters,
                answers: [.json(200, .ref("ExecutionsClientPage"))], place: .anyThread,
                serve: calls.list),
            Route(
                .get, "/api/v1/executions/{id}", id: "clientGetExecution",
                summary: "Get an execution.",
                parameters: [Self.id, Self.includeData, Self.ignoreLimit],
                answers: [.json(200, .ref("ExecutionsClientExecution"))], place: .anyThread,
                serve: calls.get),
            Route(
                .delete, "/api/v1/executions/{id}", id: "clientDeleteExecution",
                summary: "Erase an execution that has ended. Needs editor.", parameters: [Self.id],
                answers: [.json(200, .ref("ExecutionsClientDeleted"))], serve: calls.delete),
            Route(
                .post, "/api/v1/executions/{id}/stop", id: "clientStopExecution",
                summary: "Stop an execution. Needs operator.", parameters: [Self.id],
                answers: [.json(200, .ref("ExecutionsClientStopped"))], serve: calls.stop),
            Route(
                .post, "/api/v1/executions/stop", id: "clientStopManyExecutions",
                summary: "Stop all executions that fit. Needs operator.",
                body: .json(.ref("ExecutionsClientStopMany")),
                answers: [.json(200, .ref("ExecutionsClientStopCount"))], place: .anyThread,
                serve: calls.stopMany),
        ]
    }

    private static var listParameters: [RouteParameter] {
        let instant: JSONValue = ["type": "string", "format": "date-time"]
        return [
            .query(
                "limit", "How many (100).",
                schema: ["type": "integer", "minimum": 1, "maximum": 250]),
            .query(
                "cursor", "The `nextCursor` of an earlier page; it wins over `limit`."),
            .query(
                "status", "Only these; several may come.",
                schema: [
                    "type": "array",
                    "items": [
                        "enum": .array(ExecutionsClientWords.states.words.map { .string($0) })
                    ],
                ]),
            .query("workflowId", "Only of this workflow."),
            .query("projectId", "Only of this project, which is a pod."),
            .query("startedAfter", "Started at or after.", schema: instant),
            .query("startedBefore", "Started at or before.", schema: instant),
            includeData, ignoreLimit,
        ]
    }
}
