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
    private static let redaction = RouteParameter.query(
        "redactExecutionData", "`true` masks data, `false` reveals it to who may.",
        schema: ["type": "boolean"])
    private static let ignoreLimit = RouteParameter.query(
        "ignoreDataSizeLimit", "Show `data` also where it is large.", schema: ["type": "boolean"])

    package var routes: [Route] { executionRoutes + tagRoutes }

    private var executionRoutes: [Route] {
        [
            Route(
                .get, "/api/v1/executions", id: "clientListExecutions",
                summary: "List executions, newest first.", parameters: Self.listParameters,
                answers: [.json(200, .ref("ExecutionsClientPage"))], place: .anyThread,
                serve: calls.list),
            Route(
                .get, "/api/v1/executions/{id}", id: "clientGetExecution",
                summary: "Get an execution.",
                parameters: [Self.id, Self.includeData, Self.redaction, Self.ignoreLimit],
                answers: [.json(200, .ref("ExecutionsClientExecution"))], place: .anyThread,
                serve: calls.get),
            Route(
                .delete, "/api/v1/executions/{id}", id: "clientDeleteExecution",
                summary: "Erase an execution that has ended. Needs editor.", parameters: [Self.id],
                answers: [.json(200, .ref("ExecutionsClientDeleted"))], serve: calls.delete),
            Route(
                .post, "/api/v1/executions/{id}/retry", id: "clientRetryExecution",
                summary: "Run what failed again, as a new execution. Needs operator.",
                parameters: [Self.id],
                body: .json(.ref("ExecutionsClientRetry"), isRequired: false),
                answers: [.json(200, .ref("ExecutionsClientRetried"))], place: .anyThread,
                serve: calls.retry),
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

    private var tagRoutes: [Route] {
        let tags: JSONValue = ["type": "array", "items": .ref("ExecutionsClientTag")]
        let tag = RouteParameter.path("id", "The tag's id; its name is taken, too.")
        return [
            Route(
                .get, "/api/v1/executions/{id}/tags", id: "clientGetExecutionTags",
                summary: "List the tags of an execution.", parameters: [Self.id],
                answers: [.json(200, tags)], serve: calls.getTags),
            Route(
                .put, "/api/v1/executions/{id}/tags", id: "clientPutExecutionTags",
                summary: "Replace the tags of an execution. Needs operator.",
                parameters: [Self.id], body: .json(ExecutionsClientSchemas.tagIDs),
                answers: [.json(200, tags)], serve: calls.putTags),
            Route(
                .get, "/api/v1/tags", id: "clientListTags", summary: "List tags by name.",
                parameters: [
                    .query(
                        "limit", "How many (100).",
                        schema: ["type": "integer", "minimum": 1, "maximum": 250]),
                    .query("cursor", "The `nextCursor` of an earlier page."),
                ], answers: [.json(200, .ref("ExecutionsClientTagPage"))], serve: calls.listTags),
            Route(
                .post, "/api/v1/tags", id: "clientCreateTag", summary: "Make a tag. Needs editor.",
                body: .json(.ref("ExecutionsClientTagName")),
                answers: [.json(201, .ref("ExecutionsClientTag"), "It was made.")],
                serve: calls.createTag),
            Route(
                .get, "/api/v1/tags/{id}", id: "clientGetTag", summary: "Get a tag.",
                parameters: [tag], answers: [.json(200, .ref("ExecutionsClientTag"))],
                serve: calls.getTag),
            Route(
                .put, "/api/v1/tags/{id}", id: "clientRenameTag",
                summary: "Give a tag another name. Needs editor.", parameters: [tag],
                body: .json(.ref("ExecutionsClientTagName")),
                answers: [.json(200, .ref("ExecutionsClientTag"))], serve: calls.renameTag),
            Route(
                .delete, "/api/v1/tags/{id}", id: "clientDeleteTag",
                summary: "Delete a tag, and take it from every execution. Needs editor.",
                parameters: [tag], answers: [.json(200, .ref("ExecutionsClientTag"))],
                serve: calls.deleteTag),
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
            .query("tags", "Only with all of these tags, by id or name; several may come."),
            .query("startedAfter", "Started at or after.", schema: instant),
            .query("startedBefore", "Started at or before.", schema: instant),
            includeData, redaction, ignoreLimit,
        ]
    }
}
