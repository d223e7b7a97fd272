package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Makes a token; its secret is in this answer and nowhere else. Needs admin.
    package func createToken(_ request: CreateTokenRequest, by caller: Caller)
        async throws(OperationError) -> CreateTokenResponse
    {
        let grant = try await authorise(.createToken, caller, workspaceID: request.workspaceID)
        try check(request, grant)
        try Self.checkServerAdmin(request.serverAdmin, grant)
        var token = newToken(
            request.name, request.role, workspaceID: grant.workspaceID, by: grant.principal.name)
        token.kind = request.kind == .unspecified ? .bearer : request.kind
        token.expireTime = request.lifetime.map {
            environment.now().advanced(by: $0.duration).timestamp
        }
        token.serverAdmin = request.serverAdmin
        token.groups = request.groups
        token.callsPerMinute = request.callsPerMinute
        let secret = TokenSecret.make(token.kind)
        let row = TokenRow(token: token, secretHash: TokenSecret.hash(secret))
        let refusal = try await committing([.insertToken(row)], grant, "token \(token.name)")
        switch refusal {
        case nil:
            return CreateTokenResponse(token: token, secret: secret)
        case .notFound:
            throw .notFound("workspace", grant.workspaceID, reason: "WORKSPACE_NOT_FOUND")
        case .some:
            throw OperationError(
                .alreadyExists, reason: "TOKEN_NAME_IN_USE",
                "the workspace has a token named '\(token.name)'; revoke it or choose another name")
        }
    }

    private func check(_ request: CreateTokenRequest, _ grant: Authoriser.Grant)
        throws(OperationError)
    {
        var check = RequestCheck()
        check.name("name", request.name, bytesMax: 64)
        check.known("role", request.role)
        if request.role == .unspecified { check.fault("role", "expected a role, got none") }
        if let lifetime = request.lifetime {
            let longest = ProtobufDuration(seconds: 100 * 366 * 86_400)
            if !lifetime.isValid || lifetime <= ProtobufDuration() || lifetime > longest {
                check.fault(
                    "lifetime",
                    "expected more than 0s and at most \(longest.text), got \(lifetime.text)")
            }
        }
        check.known("kind", request.kind)
        if request.groups.count > 32 {
            check.fault("groups", "expected at most 32 groups, got \(request.groups.count)")
        }
        for (index, group) in request.groups.prefix(32).enumerated() {
            check.name("groups[\(index)]", group, bytesMax: 64)
        }
        check.range(
            "calls_per_minute", request.callsPerMinute,
            0...Int32(clamping: limits.callsPerMinuteMax))
        let isPlaceOfServerAdmins =
            request.role == .admin && grant.workspaceID == Authoriser.defaultWorkspaceID
        if request.serverAdmin, !isPlaceOfServerAdmins {
            check.fault(
                "server_admin", "expected it only with the role ADMIN in the workspace 'default'")
        }
        try check.finish()
    }

    /// Makes the first admin token of a store that has none; nil if it has any. It is a server
    /// admin's.
    package func createFirstToken() async throws(OperationError) -> CreateTokenResponse? {
        let workspaceID = Authoriser.defaultWorkspaceID
        let some = try await reading { () async throws(StoreError) in
            try await store.tokens(workspaceID: workspaceID, after: nil, limit: 1)
        }
        guard some.isEmpty else { return nil }
        var token = newToken("admin", .admin, workspaceID: workspaceID, by: "server")
        token.serverAdmin = true
        let secret = TokenSecret.make()
        let row = TokenRow(token: token, secretHash: TokenSecret.hash(secret))
        guard try await committing([.insertToken(row)]) == nil else { return nil }
        return CreateTokenResponse(token: token, secret: secret)
    }

    private func newToken(
        _ name: String, _ role: Role, workspaceID: String, by creator: String
    ) -> Token {
        let now = environment.now()
        let id = ExecutionID(time: now, random: (environment.random(), environment.random()))
        return Token(
            id: id.description, name: name, workspaceID: workspaceID, role: role,
            createTime: now.timestamp, createdBy: creator, kind: .bearer)
    }
}
