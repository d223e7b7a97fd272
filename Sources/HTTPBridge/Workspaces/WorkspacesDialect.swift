internal import HTTPTypes
internal import JSON
internal import Operations

/// The **workspaces** dialect: executions of a pod of a workspace, with live events.
struct WorkspacesDialect: Dialect {
    let calls: WorkspacesCalls

    init(_ operations: Operations, pace: EventStream.Pace = EventStream.Pace()) {
        calls = WorkspacesCalls(operations: operations, pace: pace)
    }

    let name = "workspaces"
    let prefixes = ["/workspaces", "/v1/workspaces"]
    let errors: any DialectErrors = WorkspacesErrors()
    var schemas: [(String, JSONValue)] { WorkspacesSchemas.all + WorkspacesTriggerSchemas.all }

    var routes: [Route] {
        WorkspacesMount.all.flatMap {
            executions($0) + workflows($0) + schedules($0) + webhooks($0)
        }
    }

    private func executions(_ at: WorkspacesMount) -> [Route] {
        let one = at.parameters + [.path("id", "The execution's id or number.")]
        return [
            Route(
                .post, at.path("/executions"), id: at.id("Trigger"),
                summary: "Trigger a new execution. Needs editor.",
                parameters: at.parameters + [
                    .header("X-Idempotency-Key", "Makes a repeat safe; at most 128 bytes.")
                ],
                body: .json(.ref("WorkspacesTrigger")),
                answers: [.json(201, .ref("WorkspacesExecution"), "It was accepted.")],
                serve: calls.trigger),
            Route(
                .get, at.path("/executions"), id: at.id("ListExecutions"),
                summary: "List executions, newest first.",
                parameters: at.parameters + [
                    .query(
                        "status", "Only of this status.",
                        schema: ["enum": .array(WorkspacesWords.statuses.words.map { .string($0) })]
                    ),
                    .query("workflowId", "Only of this workflow."),
                    .query(
                        "limit", "How many (1,000).",
                        schema: ["type": "integer", "minimum": 1, "maximum": 1_000]),
                    .query("before", "The id of an execution: only those listed after it."),
                ],
                answers: [
                    .json(200, ["type": "array", "items": .ref("WorkspacesExecution")])
                ], place: .anyThread, serve: calls.list),
            Route(
                .get, at.path("/executions/{id}"), id: at.id("GetExecution"),
                summary: "Get execution detail.", parameters: one,
                answers: [.json(200, .ref("WorkspacesExecution"))], place: .anyThread,
                serve: calls.get),
            Route(
                .get, at.path("/executions/{id}/logs"), id: at.id("GetLogs"),
                summary: "Get structured node logs.",
                parameters: one + [
                    .query(
                        "limit", "How many (1,000).",
                        schema: ["type": "integer", "minimum": 1, "maximum": 1_000]),
                    .query("cursor", "Where an earlier answer's Link goes on."),
                ],
                answers: [.json(200, ["type": "array", "items": .ref("WorkspacesLogEntry")])],
                place: .anyThread, serve: calls.logs),
            Route(
                .get, at.path("/executions/{id}/events"), id: at.id("StreamEvents"),
                summary: "Live stream of server-sent events.",
                parameters: one + [
                    .query(
                        "after", "Only events after this sequence number.",
                        schema: ["type": "integer", "minimum": 0]),
                    .query("ticket", "In place of a token, from the ticket call."),
                    .header(
                        "Last-Event-ID", "As `after`, and wins over it.",
                        schema: ["type": "integer", "minimum": 0]),
                ], answers: [.content(200, "text/event-stream")], access: .ticket,
                serve: calls.events),
            Route(
                .post, at.path("/executions/{id}/events/ticket"), id: at.id("CreateTicket"),
                summary: "Make a ticket for the event stream, for who cannot send headers.",
                parameters: one,
                answers: [.json(201, .ref("WorkspacesTicket"), "It is good for an hour.")],
                serve: calls.ticket),
            Route(
                .patch, at.path("/executions/{id}/respond"), id: at.id("Respond"),
                summary: "Resume a suspended execution. Needs editor.", parameters: one,
                body: .json(.ref("WorkspacesResponse")),
                answers: [.json(200, .ref("WorkspacesExecution"))], serve: calls.respond),
            Route(
                .patch, at.path("/executions/{id}/approve"), id: at.id("Approve"),
                summary: "The same as respond with `approved: true`. Needs editor.",
                parameters: one, answers: [.json(200, .ref("WorkspacesExecution"))],
                serve: calls.approve),
            Route(
                .post, at.path("/executions/{id}/replay"), id: at.id("Replay"),
                summary: "Replay from start or a specific node. Needs editor.", parameters: one,
                body: .json(.ref("WorkspacesReplay"), isRequired: false),
                answers: [.json(201, .ref("WorkspacesExecution"), "The new execution.")],
                serve: calls.replay),
            Route(
                .delete, at.path("/executions/{id}"), id: at.id("Cancel"),
                summary: "Cancel. Needs editor.", parameters: one,
                answers: [.empty(204, "It is cancelled.")], serve: calls.cancel),
        ]
    }

    private func workflows(_ at: WorkspacesMount) -> [Route] {
        let one = at.parameters + [.path("id", "The workflow's id.")]
        let whole = RouteAnswer.json(200, .ref("WorkspacesWorkflow"))
        return [
            Route(
                .post, at.path("/workflows"), id: at.id("CreateWorkflow"),
                summary: "Save a new workflow. Needs editor.", parameters: at.parameters,
                body: .json(.ref("WorkspacesWorkflowBody")),
                answers: [.json(201, .ref("WorkspacesWorkflow"))], place: .anyThread,
                serve: calls.createWorkflow),
            Route(
                .get, at.path("/workflows"), id: at.id("ListWorkflows"), summary: "List workflows.",
                parameters: at.parameters + [
                    .query(
                        "limit", "How many (1,000).",
                        schema: ["type": "integer", "minimum": 1, "maximum": 1_000]),
                    .query("cursor", "Where an earlier answer's Link goes on."),
                ],
                answers: [.json(200, ["type": "array", "items": .ref("WorkspacesWorkflow")])],
                place: .anyThread, serve: calls.listWorkflows),
            Route(
                .get, at.path("/workflows/{id}"), id: at.id("GetWorkflow"),
                summary: "Get a workflow with its definition.",
                parameters: one + [
                    .query("version", schema: ["type": "integer", "minimum": 1])
                ], answers: [whole], place: .anyThread, serve: calls.getWorkflow),
            Route(
                .put, at.path("/workflows/{id}"), id: at.id("PutWorkflow"),
                summary: "Save a workflow's next version. Needs editor.", parameters: one,
                body: .json(.ref("WorkspacesWorkflowBody")), answers: [whole], place: .anyThread,
                serve: calls.putWorkflow),
            Route(
                .patch, at.path("/workflows/{id}"), id: at.id("PatchWorkflow"),
                summary: "Save a workflow's next version, keeping what is left out. Needs editor.",
                parameters: one, body: .json(.ref("WorkspacesWorkflowBody")), answers: [whole],
                place: .anyThread, serve: calls.patchWorkflow),
            Route(
                .delete, at.path("/workflows/{id}"), id: at.id("DeleteWorkflow"),
                summary: "Erase a workflow. Needs editor.", parameters: one,
                answers: [.empty(204)], serve: calls.deleteWorkflow),
            Route(
                .post, at.path("/workflows/{id}/deploy"), id: at.id("DeployWorkflow"),
                summary: "Make a version the one that schedules and webhooks fire. Needs admin.",
                parameters: one,
                body: .json(
                    [
                        "type": "object",
                        "properties": ["version": ["type": "integer", "minimum": 1]],
                    ], isRequired: false), answers: [whole], serve: calls.deployWorkflow),
        ]
    }
}
