package import Messages
internal import Model
internal import Store

extension Operations {
    /// Gives a principal a role in a workspace. Needs admin.
    package func putMember(_ request: PutMemberRequest, by caller: Caller)
        async throws(OperationError) -> Member
    {
        let grant = try await authorise(.putMember, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.memberPrincipal("principal", request.principal)
        check.known("role", request.role)
        if request.role == .unspecified { check.fault("role", "expected a role, got none") }
        try check.finish()
        let member = Member(
            workspaceID: grant.workspaceID, principal: request.principal, role: request.role,
            createTime: environment.now().timestamp, createdBy: grant.principal.name)
        let refusal = try await committing(
            [.access(.putMember(member, max: limits.membersPerWorkspaceMax))], grant,
            "member \(request.principal) \(request.role.word)")
        switch refusal {
        case nil:
            directory.changed()
            return try await directory.member(
                request.principal, workspaceID: grant.workspaceID) ?? member
        case .tooMany:
            throw OperationError(
                .failedPrecondition, reason: "MEMBERS_TOO_MANY",
                "the workspace has \(limits.membersPerWorkspaceMax) members, which is the limit")
        case .some:
            throw .notFound("workspace", grant.workspaceID, reason: "WORKSPACE_NOT_FOUND")
        }
    }
}

extension RequestCheck {
    /// A principal whose name is one person's everywhere: a token's is not, since every workspace
    /// names its own.
    fileprivate mutating func memberPrincipal(_ field: String, _ value: String) {
        text(field, value, bytesMax: 320, isNeeded: true)
        let prefixes = ["user:", "certificate:"]
        if !prefixes.contains(where: { value.hasPrefix($0) && value.utf8.count > $0.utf8.count }) {
            fault(
                field,
                "expected user:SUBJECT or certificate:CN=NAME, got "
                    + "'\(OperationError.shown(value))'")
        }
    }
}
