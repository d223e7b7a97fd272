internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

/// The tags of an execution.
extension ExecutionsClientCalls {
    func getTags(_ request: BridgeRequest) async throws -> Answer {
        let id = try ExecutionsClientParameters.executionID(request)
        let tags = try await operations.getExecutionTags(
            GetExecutionTagsRequest(executionID: id), by: request.caller)
        return Self.answer(tags)
    }

    /// Replaces the whole set.
    func putTags(_ request: BridgeRequest) async throws -> Answer {
        let id = try ExecutionsClientParameters.executionID(request)
        let body = try JSONValue(try await request.jsonText())
        let tags = try Self.tagIDs(body)
        let set = try await operations.setExecutionTags(
            SetExecutionTagsRequest(executionID: id, replace: true, add: tags), by: request.caller)
        return Self.answer(set)
    }

    private static func answer(_ tags: ExecutionTags) -> Answer {
        .json { json in
            json.array(tags.tags) { json, tag in ExecutionsClientTags.write(tag, to: &json) }
        }
    }

    private static func tagIDs(_ body: JSONValue) throws(Fault) -> [String] {
        guard let elements = body.arrayValue else { throw .client("body", "must be array") }
        var ids: [String] = []
        for (index, element) in elements.enumerated() {
            guard let object = element.objectValue else {
                throw .client("body/\(index)", "must be object")
            }
            guard object.keys.allSatisfy({ $0 == "id" }) else {
                throw .client("body/\(index)", "must NOT have additional properties")
            }
            guard let value = object["id"] else {
                throw .client("body/\(index)", "must have required property 'id'")
            }
            guard let id = value.stringValue, !id.isEmpty else {
                throw .client("body/\(index)/id", "must be string, of at least 1 character")
            }
            if !ids.contains(id) { ids.append(id) }
        }
        return ids
    }
}
