package import Messages
internal import Model
internal import Store

extension Operations {
    /// Gives a tag another name. Needs editor.
    package func renameTag(_ request: RenameTagRequest, by caller: Caller)
        async throws(OperationError) -> Tag
    {
        let grant = try await authorise(.renameTag, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("tag", request.tag, bytesMax: 64, isNeeded: true)
        check.tagName(request.name, limits)
        try check.finish()
        let tag = try await tag(request.tag, grant)
        let change = TagChange.rename(
            tagID: tag.id, workspaceID: grant.workspaceID, name: request.name,
            at: environment.now())
        switch try await committing([.many(.tag(change))], grant, "tag \(tag.id)") {
        case nil: return try await self.tag(tag.id, grant)
        case .nameInUse: throw Self.tagExists(request.name)
        case .some: throw .notFound("tag", request.tag, reason: "TAG_NOT_FOUND")
        }
    }
}
