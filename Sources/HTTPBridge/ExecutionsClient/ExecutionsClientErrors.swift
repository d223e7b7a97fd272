internal import HTTPTypes
internal import JSON
internal import Operations

/// Errors as `{"message", "code"}`, with a `description` where there is more to say than the API's own
/// words do.
struct ExecutionsClientErrors: DialectErrors {
    /// What the API says, by our codes.
    private static let messages: [String: String] = [
        "UNKNOWN_PATH": "not found",
        "UNAUTHENTICATED": "'X-N8N-API-KEY' header required",
        "TOKEN_REFUSED": "unauthorized",
        "ROLE_INSUFFICIENT": "Forbidden",
        "EXECUTION_NOT_FOUND": "Not Found",
        "WORKSPACE_NOT_FOUND": "Not Found",
        "TAG_NOT_FOUND": "Some tags not found",
    ]

    func answer(_ fault: Fault, to request: FaultedRequest) -> Answer {
        var message = Self.messages[fault.code] ?? fault.message
        if fault.code == "METHOD_NOT_ALLOWED" {
            message = "\(request.method.rawValue) method not allowed"
        }
        return .json(status: fault.status) { json in
            json.object { json in
                json.member("message", message)
                json.member("code", fault.code)
                if message != fault.message { json.member("description", fault.message) }
            }
        }
    }

    var schema: JSONValue {
        [
            "type": "object", "required": ["message", "code"],
            "properties": [
                "message": ["type": "string"], "code": ["type": "string"],
                "description": ["type": "string"],
            ],
        ]
    }
}

extension Fault {
    /// A part of a request that is not as the API wants it: `request/query/limit must be number`.
    static func client(_ place: String, _ must: String, code: String = "INVALID_ARGUMENT") -> Fault
    {
        var fault = Fault(.badRequest, code: code, "request/\(place) \(must)")
        let field = place.split(separator: "/").dropFirst().joined(separator: "/")
        fault.violations = [
            OperationError.Violation(field: field.isEmpty ? place : field, description: must)
        ]
        return fault
    }

    /// What the API answers where its state does not allow a call.
    static func clientConflict(_ code: String, _ message: String) -> Fault {
        Fault(.conflict, code: code, message)
    }
}
