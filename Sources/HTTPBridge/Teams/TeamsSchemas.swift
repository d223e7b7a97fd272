internal import JSON

/// The dialect's shapes, for OpenAPI.
enum TeamsSchemas {
    static let all: [(String, JSONValue)] = [
        ("TeamsPage", page), ("TeamsSummary", summary), ("TeamsTriggered", triggered),
        ("TeamsExported", exported), ("TeamsExecution", detail), ("TeamsNodeExecution", node),
        ("TeamsWorkflow", workflow),
    ]

    private static let text: JSONValue = ["type": "string"]
    private static let textOrNull: JSONValue = ["type": ["string", "null"]]
    private static let number: JSONValue = ["type": "integer", "minimum": 0]
    private static let numberOrNull: JSONValue = ["type": ["integer", "null"], "minimum": 0]
    private static let flag: JSONValue = ["type": "boolean"]
    private static let uuid: JSONValue = ["type": "string", "format": "uuid"]
    private static let instant: JSONValue = ["type": ["string", "null"], "format": "date-time"]
    private static let anything: JSONValue = [:]
    private static let status = words(TeamsWords.states.words)
    private static let trigger = words(TeamsWords.triggers.words)

    private static func words(_ words: [String]) -> JSONValue {
        words.schema
    }

    private typealias Members = [(String, JSONValue)]

    private static func object(_ members: Members, optional: [String] = []) -> JSONValue {
        let required = members.map(\.0).filter { !optional.contains($0) }
        return [
            "type": "object", "required": .array(required.map { .string($0) }),
            "properties": .object(JSONObject(members)),
        ]
    }

    private static let summaryMembers: Members = [
        ("id", uuid), ("workflowId", text), ("workflowName", text), ("status", status),
        ("startedAt", instant), ("finishedAt", instant), ("durationMs", numberOrNull),
        ("triggerType", trigger), ("nodeCount", number), ("errorMessage", textOrNull),
    ]

    private static let summary = object(summaryMembers)
    private static let triggered = object([("executionId", uuid)] + summaryMembers)

    private static let page = object([
        ("content", ["type": "array", "items": .ref("TeamsSummary")]), ("totalElements", number),
        ("totalPages", number), ("number", number), ("size", number),
        ("numberOfElements", number), ("first", flag), ("last", flag), ("empty", flag),
    ])

    private static let detail = object([
        ("id", uuid), ("workflowId", text), ("workflowName", text), ("workflowVersion", number),
        ("status", status), ("trigger", trigger), ("inputData", anything),
        ("outputData", anything), ("errorMessage", textOrNull), ("createdAt", instant),
        ("startedAt", instant), ("completedAt", instant), ("durationMs", numberOrNull),
        ("dataTooLarge", flag),
        ("nodeExecutions", ["type": "array", "items": .ref("TeamsNodeExecution")]),
    ])

    private static let node = object([
        ("id", uuid), ("nodeId", uuid), ("nodePath", text), ("nodeName", text), ("nodeType", text),
        ("status", words(TeamsWords.nodeStatuses.words)), ("startedAt", instant),
        ("completedAt", instant), ("durationMs", numberOrNull), ("inputData", anything),
        ("outputData", anything), ("errorMessage", textOrNull), ("retryCount", number),
    ])

    private static let exported = object([
        ("executionId", uuid), ("workflowId", text), ("workflowName", text), ("status", status),
        ("trigger", trigger), ("startedAt", instant), ("completedAt", instant),
        ("durationMs", numberOrNull),
        (
            "nodeExecutions",
            [
                "type": "array",
                "items": object([
                    ("nodeId", uuid), ("nodeType", text), ("nodeName", text),
                    ("status", words(TeamsWords.nodeStatuses.words)), ("startedAt", instant),
                    ("completedAt", instant), ("durationMs", numberOrNull), ("error", textOrNull),
                ]),
            ]
        ),
    ])

    private static let workflow = object(
        [
            ("id", text), ("teamId", text), ("name", text), ("status", words(["DRAFT", "ACTIVE"])),
            ("version", number), ("createdAt", instant), ("updatedAt", instant),
            ("nodes", ["type": "array"]), ("edges", ["type": "array"]),
        ], optional: ["nodes", "edges"])
}
