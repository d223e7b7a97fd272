package import Messages

extension Operations {
    /// Returns a tag with how many executions have it. Needs viewer.
    package func getTag(_ request: GetTagRequest, by caller: Caller) async throws(OperationError)
        -> Tag
    {
        let grant = try await authorise(.getTag, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("tag", request.tag, bytesMax: 64, isNeeded: true)
        try check.finish()
        return try await tag(request.tag, grant)
    }
}
