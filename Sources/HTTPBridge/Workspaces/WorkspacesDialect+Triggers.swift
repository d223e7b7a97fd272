internal import HTTPTypes
internal import JSON

/// The calls that manage what starts executions by itself.
extension WorkspacesDialect {
    private static let pages: [RouteParameter] = [
        .query("workflowId", "Only of this workflow."),
        .query(
            "limit", "How many (1,000).",
            schema: ["type": "integer", "minimum": 1, "maximum": 1_000]),
        .query("cursor", "Where an earlier answer's Link goes on."),
    ]

    func schedules(_ at: WorkspacesMount) -> [Route] {
        let one = at.parameters + [.path("id", "The schedule's id.")]
        let whole = RouteAnswer.json(200, .ref("WorkspacesSchedule"))
        return [
            Route(
                .get, at.path("/schedules"), id: at.id("ListSchedules"), summary: "List schedules.",
                parameters: at.parameters + Self.pages,
                answers: [.json(200, ["type": "array", "items": .ref("WorkspacesSchedule")])],
                place: .anyThread, serve: calls.listSchedules),
            Route(
                .post, at.path("/schedules"), id: at.id("CreateSchedule"),
                summary: "Create a schedule. Needs editor.", parameters: at.parameters,
                body: .json(.ref("WorkspacesScheduleBody")),
                answers: [.json(201, .ref("WorkspacesSchedule"))], place: .anyThread,
                serve: calls.createSchedule),
            Route(
                .get, at.path("/schedules/{id}"), id: at.id("GetSchedule"),
                summary: "Get a schedule.", parameters: one, answers: [whole], place: .anyThread,
                serve: calls.getSchedule),
            Route(
                .patch, at.path("/schedules/{id}"), id: at.id("PatchSchedule"),
                summary: "Update a schedule, keeping what is left out. Needs editor.",
                parameters: one, body: .json(.ref("WorkspacesScheduleChange")), answers: [whole],
                place: .anyThread, serve: calls.patchSchedule),
            Route(
                .patch, at.path("/schedules/{id}/toggle"), id: at.id("ToggleSchedule"),
                summary: "Enable or disable a schedule. Needs editor.", parameters: one,
                body: .json(
                    [
                        "type": "object",
                        "properties": ["enabled": ["type": ["boolean", "null"]]],
                    ], isRequired: false), answers: [whole], place: .anyThread,
                serve: calls.toggleSchedule),
            Route(
                .delete, at.path("/schedules/{id}"), id: at.id("DeleteSchedule"),
                summary: "Delete a schedule. Needs editor.", parameters: one,
                answers: [.empty(204)], serve: calls.deleteSchedule),
        ]
    }

    func webhooks(_ at: WorkspacesMount) -> [Route] {
        let one = at.parameters + [.path("id", "The webhook's id.")]
        let whole = RouteAnswer.json(200, .ref("WorkspacesWebhook"))
        return [
            Route(
                .get, at.path("/webhooks"), id: at.id("ListWebhooks"), summary: "List webhooks.",
                parameters: at.parameters + Self.pages,
                answers: [.json(200, ["type": "array", "items": .ref("WorkspacesWebhook")])],
                place: .anyThread, serve: calls.listWebhooks),
            Route(
                .post, at.path("/webhooks"), id: at.id("CreateWebhook"),
                summary: "Create a webhook; its secret is shown once. Needs editor.",
                parameters: at.parameters, body: .json(.ref("WorkspacesWebhookBody")),
                answers: [.json(201, .ref("WorkspacesWebhook"))], place: .anyThread,
                serve: calls.createWebhook),
            Route(
                .get, at.path("/webhooks/{id}"), id: at.id("GetWebhook"), summary: "Get a webhook.",
                parameters: one, answers: [whole], place: .anyThread, serve: calls.getWebhook),
            Route(
                .patch, at.path("/webhooks/{id}"), id: at.id("PatchWebhook"),
                summary: "Update a webhook, keeping what is left out. Needs editor.",
                parameters: one, body: .json(.ref("WorkspacesWebhookChange")), answers: [whole],
                place: .anyThread, serve: calls.patchWebhook),
            Route(
                .delete, at.path("/webhooks/{id}"), id: at.id("DeleteWebhook"),
                summary: "Delete a webhook. Needs editor.", parameters: one,
                answers: [.empty(204)], serve: calls.deleteWebhook),
        ]
    }
}
