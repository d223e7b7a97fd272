internal import JSON

/// The errors of paths that belong to no dialect: `{"code", "message"}`.
struct PlainErrors: DialectErrors {
    func answer(_ fault: Fault, to request: FaultedRequest) -> Answer {
        .json(
            ["code": .string(fault.code), "message": .string(fault.message)], status: fault.status)
    }

    var schema: JSONValue {
        [
            "type": "object", "required": ["code", "message"],
            "properties": ["code": ["type": "string"], "message": ["type": "string"]],
        ]
    }
}
