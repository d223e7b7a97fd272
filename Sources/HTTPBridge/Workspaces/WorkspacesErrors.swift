internal import HTTPTypes
internal import JSON
internal import Operations

/// Errors as `{"statusCode", "message", "error", "code"}`. `message` is a list where a request's fields
/// are wrong, and a text otherwise.
struct WorkspacesErrors: DialectErrors {
    func answer(_ fault: Fault, to request: FaultedRequest) -> Answer {
        .json(status: fault.status) { json in
            json.object { json in
                json.member("statusCode", fault.status.code)
                json.key("message")
                if fault.violations.isEmpty {
                    json.string(fault.message)
                } else {
                    json.array(fault.violations) { json, violation in
                        json.string("\(FieldName.json(violation.field)): \(violation.description)")
                    }
                }
                json.member("error", fault.status.reasonPhrase)
                json.member("code", fault.code)
            }
        }
    }

    var schema: JSONValue {
        [
            "type": "object", "required": ["statusCode", "message", "error", "code"],
            "properties": [
                "statusCode": ["type": "integer"],
                "message": [
                    "anyOf": [
                        ["type": "string"], ["type": "array", "items": ["type": "string"]],
                    ]
                ],
                "error": ["type": "string"], "code": ["type": "string"],
            ],
        ]
    }
}
