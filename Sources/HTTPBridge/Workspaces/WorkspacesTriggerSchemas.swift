internal import JSON

/// The shapes of schedules and webhooks, for OpenAPI.
enum WorkspacesTriggerSchemas {
    static let all: [(String, JSONValue)] = [
        ("WorkspacesSchedule", schedule), ("WorkspacesScheduleBody", scheduleBody),
        ("WorkspacesScheduleChange", change(of: scheduleBody)),
        ("WorkspacesWebhook", webhook), ("WorkspacesWebhookBody", webhookBody),
        ("WorkspacesWebhookChange", change(of: webhookBody)),
    ]

    private static let text = WorkspacesSchemas.text
    private static let instant = WorkspacesSchemas.instant
    private static let flagOrNull: JSONValue = ["type": ["boolean", "null"]]
    private static let name: JSONValue = ["type": ["string", "null"], "maxLength": 256]
    private static let workflowID: JSONValue = ["type": "string", "minLength": 1, "maxLength": 128]

    private static let schedule = WorkspacesSchemas.object(
        [
            "id": text, "workspaceId": text, "podId": text, "spaceId": text, "workflowId": text,
            "name": text, "cronExpression": text, "cronExpr": text, "timezone": text,
            "input": WorkspacesSchemas.anything, "enabled": ["type": "boolean"],
            "overlapPolicy": WorkspacesSchemas.words(WorkspacesWords.overlaps.words),
            "nextRunAt": instant, "lastRunAt": instant,
            "lastExecutionId": WorkspacesSchemas.textOrNull, "runsAs": text, "createdAt": instant,
            "updatedAt": instant,
        ],
        required: [
            "id", "workflowId", "name", "cronExpression", "timezone", "input", "enabled",
            "nextRunAt", "createdAt", "updatedAt",
        ])

    private static let scheduleBody = WorkspacesSchemas.object(
        [
            "id": ["type": ["string", "null"], "maxLength": 64], "workflowId": workflowID,
            "name": name, "cronExpression": ["type": "string", "maxLength": 256],
            "cronExpr": ["type": ["string", "null"], "maxLength": 256],
            "timezone": WorkspacesSchemas.textOrNull, "input": WorkspacesSchemas.anything,
            "enabled": flagOrNull,
            "overlapPolicy": WorkspacesSchemas.words(WorkspacesWords.overlaps.words),
        ], required: ["workflowId"])

    private static let webhook = WorkspacesSchemas.object(
        [
            "id": text, "workspaceId": text, "podId": text, "spaceId": text, "workflowId": text,
            "name": text, "url": text, "enabled": ["type": "boolean"],
            "verification": WorkspacesSchemas.words(WorkspacesWords.verifications.words),
            "response": WorkspacesSchemas.words(WorkspacesWords.responses.words), "secret": text,
            "secretHint": WorkspacesSchemas.textOrNull, "lastTriggeredAt": instant,
            "lastExecutionId": WorkspacesSchemas.textOrNull, "runsAs": text, "createdAt": instant,
            "updatedAt": instant,
        ],
        required: [
            "id", "workflowId", "name", "url", "enabled", "verification", "response", "createdAt",
            "updatedAt",
        ])

    private static let webhookBody = WorkspacesSchemas.object(
        [
            "workflowId": workflowID, "name": name,
            "secret": ["type": ["string", "null"], "minLength": 8, "maxLength": 256],
            "enabled": flagOrNull,
            "verification": WorkspacesSchemas.words(WorkspacesWords.verifications.words),
            "response": WorkspacesSchemas.words(WorkspacesWords.responses.words),
        ], required: ["workflowId"])

    /// The same body where nothing of it is needed.
    private static func change(of body: JSONValue) -> JSONValue {
        var whole = body.objectValue ?? [:]
        whole["required"] = nil
        return .object(whole)
    }
}
