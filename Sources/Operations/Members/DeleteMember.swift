package import Messages
internal import Store

extension Operations {
    /// Takes a member's role away. Needs admin.
    package func deleteMember(_ request: DeleteMemberRequest, by caller: Caller)
        async throws(OperationError) -> DeleteMemberResponse
    {
        let grant = try await authorise(.deleteMember, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("principal", request.principal, bytesMax: 320, isNeeded: true)
        try check.finish()
        let refusal = try await committing(
            [
                .access(
                    .deleteMember(workspaceID: grant.workspaceID, principal: request.principal))
            ], grant, "member \(request.principal)")
        guard refusal == nil else {
            throw .notFound("member", request.principal, reason: "MEMBER_NOT_FOUND")
        }
        directory.changed()
        return DeleteMemberResponse()
    }
}
