internal import HTTPTypes
internal import JSON
internal import Messages
internal import Operations

/// Tags themselves.
extension ExecutionsClientCalls {
    func listTags(_ request: BridgeRequest) async throws -> Answer {
        let limit = try ExecutionsClientParameters.limit(request)
        let page = try await operations.listTags(
            ListTagsRequest(
                pageSize: Int32(limit), pageToken: request.query.first("cursor") ?? ""),
            by: request.caller)
        return .json { json in
            json.object { json in
                json.key("data")
                json.array(page.tags) { json, tag in ExecutionsClientTags.write(tag, to: &json) }
                json.member("nextCursor", page.nextPageToken.isEmpty ? nil : page.nextPageToken)
            }
        }
    }

    func createTag(_ request: BridgeRequest) async throws -> Answer {
        let name = try Self.tagName(try await request.json())
        let tag = try await operations.createTag(
            CreateTagRequest(name: name), by: request.caller)
        return .json(status: .created) { ExecutionsClientTags.write(tag, to: &$0) }
    }

    func getTag(_ request: BridgeRequest) async throws -> Answer {
        let id = try request.path("id")
        let tag = try await Self.knownTag { () async throws(OperationError) in
            try await operations.getTag(GetTagRequest(tag: id), by: request.caller)
        }
        return .json { ExecutionsClientTags.write(tag, to: &$0) }
    }

    func renameTag(_ request: BridgeRequest) async throws -> Answer {
        let id = try request.path("id")
        let name = try Self.tagName(try await request.json())
        let tag = try await Self.knownTag { () async throws(OperationError) in
            try await operations.renameTag(
                RenameTagRequest(tag: id, name: name), by: request.caller)
        }
        return .json { ExecutionsClientTags.write(tag, to: &$0) }
    }

    /// Answers what was deleted.
    func deleteTag(_ request: BridgeRequest) async throws -> Answer {
        let id = try request.path("id")
        try await operations.admit(request.caller, to: .deleteTag)
        let tag = try await Self.knownTag { () async throws(OperationError) in
            let tag = try await operations.getTag(GetTagRequest(tag: id), by: request.caller)
            _ = try await operations.deleteTag(DeleteTagRequest(tag: id), by: request.caller)
            return tag
        }
        return .json { ExecutionsClientTags.write(tag, to: &$0) }
    }

    private static func tagName(_ body: JSONObject) throws(Fault) -> String {
        guard let value = body["name"] else {
            throw .client("body", "must have required property 'name'")
        }
        guard let name = value.stringValue else { throw .client("body/name", "must be string") }
        return name
    }

    /// A tag that is asked for by itself and is not there is told as such.
    private static func knownTag(
        _ body: () async throws(OperationError) -> Tag
    ) async throws -> Tag {
        do throws(OperationError) {
            return try await body()
        } catch {
            guard error.reason == "TAG_NOT_FOUND" else { throw error }
            throw Fault(.notFound, code: "TAG_UNKNOWN", "Not Found")
        }
    }
}
