internal import HTTPTypes
internal import JSON
internal import Operations

/// Errors in the two families of the automation dialect: reading calls say `error` and `message`,
/// those that control something `success: false` and `message`. Both have our `code`.
struct AutomationErrors: DialectErrors {
    func answer(_ fault: Fault, to request: FaultedRequest) -> Answer {
        .json(status: fault.status) { json in
            json.object { json in
                if Self.controls(request) {
                    json.member("success", false)
                    json.member("message", Self.name(fault) ?? fault.message)
                } else {
                    json.member("error", Self.title(fault))
                    json.member("message", fault.message)
                }
                json.member("code", fault.code)
                guard !fault.violations.isEmpty else { return }
                json.key("errors")
                json.array(fault.violations) { json, violation in
                    json.string("\(FieldName.json(violation.field)): \(violation.description)")
                }
            }
        }
    }

    /// Execute is a reading call by its errors.
    private static func controls(_ request: FaultedRequest) -> Bool {
        request.method != .get && request.method != .head
            && !request.target.hasSuffix("/execute")
    }

    private static func title(_ fault: Fault) -> String {
        name(fault) ?? fault.status.reasonPhrase
    }

    private static func name(_ fault: Fault) -> String? {
        fault.status == .notFound ? names[fault.code] : nil
    }

    /// Texts that clients of the product know.
    private static let names = [
        "EXECUTION_NOT_FOUND": "Execution not found", "BATCH_NOT_FOUND": "Batch not found",
    ]

    var schema: JSONValue {
        [
            "type": "object", "required": ["message", "code"],
            "properties": [
                "success": ["const": false], "error": ["type": "string"],
                "message": ["type": "string"], "code": ["type": "string"],
                "errors": ["type": "array", "items": ["type": "string"]],
            ],
        ]
    }
}
