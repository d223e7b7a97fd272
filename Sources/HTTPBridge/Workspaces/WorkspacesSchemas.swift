internal import JSON

/// The dialect's shapes, for OpenAPI.
enum WorkspacesSchemas {
    static let all: [(String, JSONValue)] = [
        ("WorkspacesTrigger", trigger), ("WorkspacesResponse", response),
        ("WorkspacesReplay", replay), ("WorkspacesExecution", execution),
        ("WorkspacesNodeResult", nodeResult), ("WorkspacesInterrupt", interrupt),
        ("WorkspacesLogEntry", logEntry), ("WorkspacesTicket", ticket),
        ("WorkspacesWorkflow", workflow), ("WorkspacesWorkflowBody", workflowBody),
    ]

    static let text: JSONValue = ["type": "string"]
    static let textOrNull: JSONValue = ["type": ["string", "null"]]
    static let number: JSONValue = ["type": "integer"]
    static let numberOrNull: JSONValue = ["type": ["integer", "null"]]
    static let instant: JSONValue = ["type": ["string", "null"], "format": "date-time"]
    static let anything: JSONValue = [:]

    static func words(_ words: [String]) -> JSONValue {
        ["enum": .array(words.map { .string($0) })]
    }

    static func object(
        _ properties: KeyValuePairs<String, JSONValue>, required: [String]
    ) -> JSONValue {
        [
            "type": "object", "required": .array(required.map { .string($0) }),
            "properties": .object(JSONObject(properties.map { ($0.key, $0.value) })),
        ]
    }

    private static let trigger = object(
        [
            "workflowId": ["type": "string", "minLength": 1, "maxLength": 128],
            "input": ["type": ["object", "null"]],
        ], required: ["workflowId"])

    private static let response = object(
        [
            "approved": ["type": "boolean"], "data": anything,
            "reason": ["type": ["string", "null"], "maxLength": 1_024], "nodeId": textOrNull,
        ], required: ["approved"])

    private static let replay = object(["fromNodeId": textOrNull], required: [])

    private static let execution = object(
        [
            "id": ["type": "string", "format": "uuid"], "number": number, "workspaceId": text,
            "podId": text, "spaceId": text, "workflowId": text, "workflowVersion": number,
            "workflowName": text, "status": words(WorkspacesWords.statuses.words),
            "triggeredBy": words(["manual", "schedule", "webhook", "api"]),
            "triggeredByPrincipal": text, "error": textOrNull, "errorCode": textOrNull,
            "replayOf": textOrNull, "createdAt": instant, "startedAt": instant,
            "completedAt": instant, "durationMs": numberOrNull,
            "interrupts": ["type": "array", "items": .ref("WorkspacesInterrupt")],
            "input": anything, "output": anything, "dataTooLarge": ["type": "boolean"],
            "nodeResults": [
                "type": "object", "additionalProperties": .ref("WorkspacesNodeResult"),
            ],
        ],
        required: [
            "id", "workspaceId", "podId", "workflowId", "status", "triggeredBy", "error",
            "createdAt", "startedAt", "completedAt",
        ])

    private static let nodeResult = object(
        [
            "status": words(WorkspacesWords.nodeStatuses.words), "nodeName": text,
            "nodeType": text, "attempt": number, "output": anything, "error": textOrNull,
            "startedAt": instant, "completedAt": instant, "durationMs": numberOrNull,
        ], required: ["status", "output", "error", "startedAt", "completedAt", "durationMs"])

    private static let interrupt = object(
        [
            "id": text, "type": words(WorkspacesWords.interruptTypes.words), "nodeId": text,
            "nodeName": text, "message": text, "assignees": ["type": "array", "items": text],
            "schema": anything, "deadline": instant, "createdAt": instant,
        ], required: ["id", "type", "nodeId"])

    private static let logEntry = object(
        [
            "sequence": number, "at": instant, "nodeId": textOrNull, "nodePath": textOrNull,
            "nodeType": textOrNull, "nodeName": textOrNull, "attempt": numberOrNull,
            "status": textOrNull, "level": words(WorkspacesWords.logLevels.words),
            "message": text, "input": anything, "output": anything, "error": textOrNull,
            "startedAt": instant, "completedAt": instant, "durationMs": numberOrNull,
        ], required: ["sequence", "at", "level", "message"])

    private static let ticket = object(
        ["ticket": text, "expiresAt": instant, "url": text],
        required: ["ticket", "expiresAt", "url"])

    private static let workflow = object(
        [
            "id": text, "workspaceId": text, "podId": text, "spaceId": text, "name": text,
            "status": words(["draft", "deployed"]), "version": number, "latestVersion": number,
            "deployedVersion": numberOrNull, "definition": anything, "createdAt": instant,
            "updatedAt": instant, "updatedBy": text,
        ], required: ["id", "workspaceId", "name", "status", "version"])

    private static let workflowBody = object(
        [
            "id": textOrNull, "name": textOrNull, "definition": ["type": ["object", "null"]],
            "nodes": ["type": ["array", "null"]], "edges": ["type": ["array", "null"]],
        ], required: [])
}
