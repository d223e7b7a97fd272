internal import JSON
internal import Messages
internal import Model
internal import Operations
internal import ProtobufRuntime

/// Reads what comes with a call of the executions client.
enum ExecutionsClientParameters {
    static let limitMax: Int64 = 250
    static let limitUsual: Int64 = 100

    /// The execution that the path names: a number of at least 1, and every other form of ours.
    static func executionID(_ request: BridgeRequest) throws(Fault) -> String {
        let text = try request.path("id")
        let reference = ExecutionName.reference(text)
        if ExecutionID(reference) != nil { return reference }
        let isNumber =
            !reference.isEmpty && reference.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard isNumber, reference.utf8.first != 0x30 else {
            throw .client("params/id", "must be a number of at least 1")
        }
        return reference
    }

    static func flag(_ name: String, _ request: BridgeRequest) throws(Fault) -> Bool? {
        switch request.query.first(name) {
        case nil: return nil
        case "true": return true
        case "false": return false
        case .some: throw .client("query/\(name)", "must be boolean")
        }
    }

    /// `redactExecutionData`: true masks whatever the policy says, false asks to reveal, and without it
    /// the policy decides.
    static func redaction(_ request: BridgeRequest) throws(Fault) -> RedactionMode {
        switch try flag("redactExecutionData", request) {
        case true?: .redact
        case false?: .reveal
        case nil: .unspecified
        }
    }

    static func limit(_ request: BridgeRequest) throws(Fault) -> Int64 {
        guard let text = request.query.first("limit") else { return limitUsual }
        guard let limit = Int64(text) else { throw .client("query/limit", "must be number") }
        guard limit >= 1 else { throw .client("query/limit", "must be >= 1") }
        guard limit <= limitMax else { throw .client("query/limit", "must be <= \(limitMax)") }
        return limit
    }

    /// The bounds of `startedAfter` and `startedBefore`, both inclusive.
    /// - Parameters:
    ///   - place: `query` or `body`.
    ///   - value: what came under a name.
    static func started(
        _ place: String, _ value: (String) throws(Fault) -> String?
    ) throws(Fault) -> ExecutionListPart {
        func instant(_ name: String) throws(Fault) -> Timestamp? {
            guard let text = try value(name) else { return nil }
            guard let instant = InstantText.strict(text) else {
                throw .client(
                    "\(place)/\(name)", "must match format \"date-time\", with a time zone")
            }
            return instant
        }
        return ExecutionListPart(
            startedFrom: try instant("startedAfter"),
            startedBefore: try instant("startedBefore").map(InstantText.afterMillisecond))
    }
}
