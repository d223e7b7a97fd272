internal import HTTPTypes
internal import JSON
internal import Model
internal import ProtobufRuntime

/// Errors as `{"status", "error", "message", "timestamp", "path", "code"}`. Client libraries show their
/// users `error` alone, so that it says more than the status does.
struct TeamsErrors: DialectErrors {
    let environment: any Environment = SystemEnvironment()

    /// What the API says, by our codes.
    private static let messages: [String: String] = [
        "TEAM_FORBIDDEN": "User does not have access to this team",
        "EXECUTION_NOT_FOUND": "Execution not found",
        "WORKFLOW_NOT_FOUND": "Workflow not found",
    ]

    func answer(_ fault: Fault, to request: FaultedRequest) -> Answer {
        let message = Self.messages[fault.code] ?? fault.message
        return .json(status: fault.status) { json in
            json.object { json in
                json.member("status", fault.status.code)
                json.member("error", "\(fault.status.reasonPhrase): \(message)")
                json.member("message", message)
                json.member("timestamp", instant: Timestamp(environment.now()))
                json.member("path", request.target)
                json.member("code", fault.code)
            }
        }
    }

    var schema: JSONValue {
        let text: JSONValue = ["type": "string"]
        return [
            "type": "object",
            "required": ["status", "error", "message", "timestamp", "path", "code"],
            "properties": [
                "status": ["type": "integer"], "error": text, "message": text,
                "timestamp": ["type": "string", "format": "date-time"], "path": text,
                "code": text,
            ],
        ]
    }
}
