internal import HTTPTypes
package import JSON
package import Operations

/// The **teams** dialect: executions of a team in numbered pages, and their export.
package struct TeamsDialect: Dialect {
    private let calls: TeamsCalls

    package init(_ operations: Operations) {
        calls = TeamsCalls(operations: operations)
    }

    package let name = "teams"
    package let prefixes = ["/api/executions", "/api/workflows"]
    package let tellsRateAlways = true
    package let errors: any DialectErrors = TeamsErrors()
    package var schemas: [(String, JSONValue)] { TeamsSchemas.all }

    private static let teamInPath = RouteParameter.path("teamId", "The team's id or UUID.")
    private static let team = RouteParameter.query(
        "teamId", "The team, where it is not the caller's own.")
    private static let execution = RouteParameter.path(
        "id", "The execution's UUID; its number is taken, too.")
    private static let workflow = RouteParameter.path("id", "The workflow's id.")

    package var routes: [Route] {
        [
            Route(
                .get, "/api/executions/team/{teamId}", id: "teamsListTeamExecutions",
                summary: "List all executions of a team, newest first.",
                parameters: [Self.teamInPath] + Self.listParameters,
                answers: [.json(200, .ref("TeamsPage"))], place: .anyThread, serve: calls.listTeam),
            Route(
                .get, "/api/executions/team/{teamId}/export", id: "teamsExportExecutions",
                summary: "Export the executions of a team as a file, masked.",
                parameters: [
                    Self.teamInPath,
                    .query("format", "csv by default.", schema: ["csv", "json"].schema),
                    .query(
                        "days", "Created in the last so many (30).",
                        schema: ["type": "integer", "minimum": 1, "maximum": 36_500]),
                ],
                answers: [
                    .content(200, "text/csv"),
                    .json(200, ["type": "array", "items": .ref("TeamsExported")]),
                ], place: .anyThread, serve: calls.export),
            Route(
                .get, "/api/executions", id: "teamsListExecutions",
                summary: "List the executions of a workflow, or of a team, newest first.",
                parameters: [Self.team] + Self.listParameters,
                answers: [.json(200, .ref("TeamsPage"))], place: .anyThread, serve: calls.list),
            Route(
                .get, "/api/executions/{id}", id: "teamsGetExecution",
                summary: "Get an execution with its nodes.",
                parameters: [Self.execution, Self.team],
                answers: [.json(200, .ref("TeamsExecution"))], place: .anyThread, serve: calls.get),
            Route(
                .post, "/api/executions/{id}/cancel", id: "teamsCancelExecution",
                summary: "Cancel a running or pending execution. Needs operator.",
                parameters: [Self.execution, Self.team], answers: [.empty(200)],
                serve: calls.cancel),
            Route(
                .post, "/api/workflows/{id}/execute", id: "teamsExecuteWorkflow",
                summary: "Execute a workflow; the body is its input. Needs operator.",
                parameters: [
                    Self.workflow, Self.team,
                    .header("X-Idempotency-Key", "Makes a repeat safe; at most 128 bytes."),
                ],
                body: .json(["type": "object"], isRequired: false),
                answers: [.json(200, .ref("TeamsTriggered"))], serve: calls.execute),
            Route(
                .get, "/api/workflows", id: "teamsListWorkflows",
                summary: "List the workflows of a team, by id.",
                parameters: [
                    Self.team, .query("cursor", "Where an earlier answer's Link goes on."),
                ],
                answers: [.json(200, ["type": "array", "items": .ref("TeamsWorkflow")])],
                place: .anyThread, serve: calls.listWorkflows),
            Route(
                .get, "/api/workflows/{id}", id: "teamsGetWorkflow",
                summary: "Get a workflow with its nodes.", parameters: [Self.workflow, Self.team],
                answers: [.json(200, .ref("TeamsWorkflow"))], place: .anyThread,
                serve: calls.getWorkflow),
        ]
    }

    private static var listParameters: [RouteParameter] {
        [
            .query(
                "page", "From 0.",
                schema: ["type": "integer", "minimum": 0, "maximum": 2_147_483_647]),
            .query(
                "size", "How many (20); above 200 means 200.",
                schema: ["type": "integer", "minimum": 1, "maximum": 2_147_483_647]),
            .query(
                "status", "Only these.",
                schema: TeamsWords.states.words.schema),
            .query(
                "workflowId", "Only of this workflow.",
                schema: ["type": "string", "minLength": 1, "maxLength": 128]),
            .query(
                "from", "Created then or later; a date or an instant.",
                schema: ["type": "string", "format": "date-time"]),
            .query(
                "to", "Created then or earlier; a date or an instant.",
                schema: ["type": "string", "format": "date-time"]),
        ]
    }
}
