package import Messages
internal import Model
internal import Store

extension Operations {
    /// Makes a tag. Needs editor.
    package func createTag(_ request: CreateTagRequest, by caller: Caller)
        async throws(OperationError) -> Tag
    {
        let grant = try await authorise(.createTag, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.tagName(request.name, limits)
        if !request.tagID.isEmpty { check.name("tag_id", request.tagID, bytesMax: 64) }
        try check.finish()
        let now = environment.now()
        let id =
            request.tagID.isEmpty
            ? ExecutionID(time: now, random: (environment.random(), environment.random()))
                .description : request.tagID
        let tag = Tag(
            id: id, name: request.name, createTime: now.timestamp, updateTime: now.timestamp)
        let change = TagChange.create(
            tag, workspaceID: grant.workspaceID, limit: limits.tagsPerWorkspaceMax)
        switch try await committing([.many(.tag(change))], grant, "tag \(id)") {
        case nil:
            return tag
        case .tooMany:
            throw OperationError(
                .resourceExhausted, reason: "TAGS_MAX",
                "the workspace has \(limits.tagsPerWorkspaceMax) tags, which is the limit")
        case .some:
            throw Self.tagExists(request.name)
        }
    }

    static func tagExists(_ name: String) -> OperationError {
        OperationError(
            .alreadyExists, reason: "TAG_EXISTS",
            "the workspace has a tag with the name or id '\(OperationError.shown(name))'")
    }
}

extension RequestCheck {
    /// A tag's name: text for people on one line.
    mutating func tagName(_ name: String, _ limits: Limits) {
        text("name", name, bytesMax: limits.tagNameBytesMax, isNeeded: true)
        let isPlain = name.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control
        }
        if !isPlain || (!name.isEmpty && name.allSatisfy(\.isWhitespace)) {
            fault("name", "expected text without control characters, got something else")
        }
    }
}
