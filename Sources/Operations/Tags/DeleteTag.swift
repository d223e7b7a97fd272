package import Messages
internal import Store

extension Operations {
    /// Executions that a tag is taken from in one commit.
    private static var untaggedAtOnceMax: Int { 1_000 }

    /// Deletes a tag and takes it from every execution. Needs editor.
    package func deleteTag(_ request: DeleteTagRequest, by caller: Caller)
        async throws(OperationError) -> DeleteTagResponse
    {
        let grant = try await authorise(.deleteTag, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("tag", request.tag, bytesMax: 64, isNeeded: true)
        try check.finish()
        let tag = try await tag(request.tag, grant)
        // In small steps, so that others' commits go in between.
        var left = tag.executionCount
        while left > Self.untaggedAtOnceMax {
            let shrink = TagChange.shrink(
                tagID: tag.id, workspaceID: grant.workspaceID, limit: Self.untaggedAtOnceMax)
            _ = try await committing([.many(.tag(shrink))])
            left -= Int64(Self.untaggedAtOnceMax)
        }
        let change = TagChange.delete(tagID: tag.id, workspaceID: grant.workspaceID)
        guard try await committing([.many(.tag(change))], grant, "tag \(tag.id)") == nil else {
            throw .notFound("tag", request.tag, reason: "TAG_NOT_FOUND")
        }
        return DeleteTagResponse(executionCount: tag.executionCount)
    }
}
