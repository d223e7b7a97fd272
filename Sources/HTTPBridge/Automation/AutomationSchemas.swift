internal import JSON

/// The dialect's shapes, for OpenAPI.
enum AutomationSchemas {
    static let all: [(String, JSONValue)] = [
        ("AutomationExecute", execute), ("AutomationForm", form),
        ("AutomationExecuted", executed), ("AutomationStatus", status),
        ("AutomationActive", active), ("AutomationTarget", target),
        ("AutomationDone", done), ("AutomationBatch", batch), ("AutomationBatches", batches),
        ("AutomationPause", pause), ("AutomationTrace", trace),
    ]

    private static let text: JSONValue = ["type": "string"]
    private static let textOrNull: JSONValue = ["type": ["string", "null"]]
    private static let number: JSONValue = ["type": "integer"]
    private static let numberOrNull: JSONValue = ["type": ["integer", "null"]]
    private static let flagOrNull: JSONValue = ["type": ["boolean", "null"]]
    private static let executionWords: JSONValue = [
        "enum": .array(
            (AutomationWords.statuses.words + [AutomationWords.idle]).map { .string($0) })
    ]
    private static let batchWords: JSONValue = [
        "enum": .array(AutomationWords.batchStatuses.words.map { .string($0) })
    ]

    private static func object(
        _ properties: KeyValuePairs<String, JSONValue>, required: [String]
    ) -> JSONValue {
        [
            "type": "object", "required": .array(required.map { .string($0) }),
            "properties": .object(JSONObject(properties.map { ($0.key, $0.value) })),
        ]
    }

    private static let execute = object(
        [
            "workflow": ["type": ["object", "null"]], "workflowId": textOrNull,
            "workflows": ["type": ["array", "null"], "items": ["type": "object"]],
            "workflowFileNames": ["type": ["array", "null"], "items": text],
            "folderPath": textOrNull, "recursive": flagOrNull, "pattern": textOrNull,
            "executionMode": ["enum": ["single", "parallel", "auto", .null]],
            "workers": ["type": ["integer", "null"], "minimum": 1, "maximum": 1_000],
            "batchPriority": ["type": ["integer", "null"], "minimum": -100, "maximum": 100],
            "traceLogs": flagOrNull, "input": [:],
            "source": ["enum": ["frontend", "api", "mcp", .null]],
            "breakpointConfig": [
                "type": ["object", "null"],
                "properties": [
                    "enabled": ["type": "boolean"],
                    "breakpointAt": ["enum": ["pre", "post", "both"]],
                    "breakpointFor": ["enum": ["all", "marked"]],
                ],
            ],
        ], required: [])

    private static let form: JSONValue = [
        "type": "object",
        "properties": [
            "files": [
                "type": "array",
                "items": ["type": "string", "contentMediaType": "application/json"],
            ]
        ],
    ]

    private static let executed = object(
        [
            "executionMode": ["enum": ["single", "parallel"]], "executionId": text,
            "status": executionWords, "batchId": text, "sourceType": text, "folderPath": text,
            "totalWorkflows": number, "validWorkflows": number, "invalidWorkflows": number,
            "validationErrors": ["type": "array"], "executions": ["type": "array"],
        ], required: ["executionMode"])

    private static let status = object(
        [
            "executionId": text, "status": executionWords, "currentNodeId": textOrNull,
            "error": text, "pausedNodeId": textOrNull,
            "pauseReason": ["enum": ["wait-pause", "breakpoint", .null]],
            "workflowFileName": text, "workflowPath": text, "startTime": numberOrNull,
            "endTime": numberOrNull,
        ], required: ["executionId", "status"])

    private static let active = object(
        [
            "totalActive": number,
            "executions": ["type": "array", "items": .ref("AutomationStatus")],
        ], required: ["totalActive", "executions"])

    private static let target = object(["executionId": textOrNull], required: [])

    private static let done = object(
        [
            "success": ["type": "boolean"], "message": text, "code": text, "executionId": text,
            "wasRunning": ["type": "boolean"], "wasQueued": ["type": "boolean"],
            "batchId": text, "totalBatches": number, "totalStopped": number,
            "stoppedExecutions": number, "runningStopped": number, "queuedCancelled": number,
            "batches": ["type": "array", "items": text], "batchesDeleted": number,
            "executionsDeleted": number,
        ], required: ["success", "message"])

    private static let batch = object(
        [
            "batchId": text, "status": batchWords,
            "sourceType": ["enum": ["folder", "files", "workflows"]], "folderPath": text,
            "totalWorkflows": number, "completed": number, "running": number, "queued": number,
            "failed": number, "stopped": number, "startTime": number, "endTime": numberOrNull,
            "duration": numberOrNull,
            "executions": ["type": "array", "items": .ref("AutomationStatus")],
        ],
        required: [
            "batchId", "status", "sourceType", "totalWorkflows", "completed", "running", "queued",
            "failed", "startTime",
        ])

    private static let batches = object(
        [
            "total": number, "limit": number, "offset": number,
            "batches": ["type": "array", "items": .ref("AutomationBatch")],
        ], required: ["total", "limit", "offset", "batches"])

    private static let pause = object(
        [
            "action": [
                "enum": .array(AutomationWords.pauseActions.words.map { .string($0) })
            ], "executionId": textOrNull,
        ], required: ["action"])

    private static let trace = object(
        ["enabled": ["type": "boolean"], "executionId": textOrNull], required: ["enabled"])
}
