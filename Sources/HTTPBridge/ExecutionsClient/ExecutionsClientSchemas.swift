internal import JSON

/// The dialect's shapes, for OpenAPI.
enum ExecutionsClientSchemas {
    static let all: [(String, JSONValue)] = [
        ("ExecutionsClientPage", page), ("ExecutionsClientExecution", execution(id: text)),
        ("ExecutionsClientDeleted", execution(id: number)), ("ExecutionsClientStopped", stopped),
        ("ExecutionsClientRetry", retry), ("ExecutionsClientRetried", retried),
        ("ExecutionsClientTag", tag), ("ExecutionsClientTagName", tagName),
        ("ExecutionsClientTagPage", tagPage), ("ExecutionsClientStopMany", stopMany),
        ("ExecutionsClientStopCount", stopCount),
    ]

    private static let text: JSONValue = ["type": "string"]
    private static let textOrNull: JSONValue = ["type": ["string", "null"]]
    private static let number: JSONValue = ["type": "integer"]
    private static let flag: JSONValue = ["type": "boolean"]
    private static let instant: JSONValue = ["type": ["string", "null"], "format": "date-time"]
    private static let anything: JSONValue = [:]

    private static func words(_ words: [String]) -> JSONValue {
        words.schema
    }

    private static func object(
        _ properties: KeyValuePairs<String, JSONValue>, required: [String]
    ) -> JSONValue {
        [
            "type": "object", "required": .array(required.map { .string($0) }),
            "properties": .object(JSONObject(properties.map { ($0.key, $0.value) })),
        ]
    }

    private static let mode = words([
        "cli", "error", "integrated", "internal", "manual", "retry", "trigger", "webhook",
        "evaluation", "chat", "agent",
    ])
    private static let status = words(ExecutionsClientWords.states.words)

    private static let page = object(
        [
            "data": ["type": "array", "items": .ref("ExecutionsClientExecution")],
            "nextCursor": textOrNull,
        ], required: ["data", "nextCursor"])

    private static func execution(id: JSONValue) -> JSONValue {
        object(
            [
                "id": id, "finished": flag, "mode": mode, "retryOf": textOrNull,
                "retrySuccessId": textOrNull, "status": status, "createdAt": instant,
                "deletedAt": instant, "startedAt": instant, "stoppedAt": instant,
                "workflowId": text, "waitTill": instant,
                "storedAt": words(["db", "fs", "s3", "az"]),
                "jsonSizeBytes": number, "binaryDataSizeBytes": number,
                "tracingContext": ["type": ["object", "null"]], "deduplicationKey": textOrNull,
                "usedPrivateCredentials": flag, "workflowVersionId": textOrNull,
                "dataTooLargeToDisplay": flag, "data": ["type": "object"],
                "workflowData": ["type": ["object", "null"]],
                "customData": ["type": "object", "additionalProperties": text],
            ],
            required: [
                "id", "finished", "mode", "retryOf", "retrySuccessId", "status", "startedAt",
                "stoppedAt", "workflowId", "waitTill", "storedAt", "workflowVersionId",
            ])
    }

    private static let retry = object(
        ["loadWorkflow": ["type": ["boolean", "null"]]], required: [])

    private static let retried = object(
        [
            "id": text, "finished": flag, "mode": mode, "retryOf": textOrNull,
            "retrySuccessId": textOrNull, "status": status, "startedAt": instant,
            "stoppedAt": instant, "workflowId": text, "waitTill": instant,
            "storedAt": words(["db", "fs", "s3", "az"]), "jsonSizeBytes": number,
            "workflowVersionId": textOrNull, "dataTooLargeToDisplay": flag,
            "data": ["type": "object"], "workflowData": ["type": ["object", "null"]],
            "customData": ["type": "object", "additionalProperties": text],
        ],
        required: [
            "id", "mode", "startedAt", "workflowId", "finished", "retryOf", "status", "data",
            "workflowData", "customData", "storedAt",
        ])

    private static let tag = object(
        ["id": text, "name": text, "createdAt": instant, "updatedAt": instant],
        required: ["id", "name", "createdAt", "updatedAt"])

    private static let tagName = object(
        ["name": ["type": "string", "minLength": 1, "maxLength": 64]], required: ["name"])

    private static let tagPage = object(
        [
            "data": ["type": "array", "items": .ref("ExecutionsClientTag")],
            "nextCursor": textOrNull,
        ], required: ["data", "nextCursor"])

    /// What replaces the tags of an execution.
    static let tagIDs: JSONValue = [
        "type": "array", "maxItems": 64,
        "items": [
            "type": "object", "required": ["id"], "additionalProperties": false,
            "properties": ["id": ["type": "string", "minLength": 1, "maxLength": 64]],
        ],
    ]

    private static let stopped = object(
        [
            "id": text, "workflowId": text, "mode": mode, "startedAt": instant,
            "stoppedAt": instant, "finished": flag, "status": status,
        ], required: ["id", "workflowId", "mode", "startedAt", "finished", "status"])

    private static let stopMany = object(
        [
            "status": [
                "type": "array", "minItems": 1,
                "items": words(ExecutionsClientWords.stoppable.map(\.word)),
            ],
            "workflowId": textOrNull, "startedAfter": instant, "startedBefore": instant,
        ], required: ["status"])

    private static let stopCount = object(
        ["stopped": ["type": "integer", "minimum": 0]], required: ["stopped"])
}
