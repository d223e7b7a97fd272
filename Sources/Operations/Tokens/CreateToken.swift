package import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// Makes a token; its secret is in this answer and nowhere else. Needs admin.
    package func createToken(_ request: CreateTokenRequest, by caller: Caller)
        async throws(OperationError) -> CreateTokenResponse
    {
        let grant = try Authoriser.authorise(caller, .admin, workspaceID: request.workspaceID)
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
        try check.finish()
        return try await makeToken(
            request.name, request.role, workspaceID: grant.workspaceID,
            lifetime: request.lifetime?.duration, by: grant.principal.name)
    }

    /// Makes the first admin token of a store that has none; nil if it has any.
    package func createFirstToken() async throws(OperationError) -> CreateTokenResponse? {
        let workspaceID = Authoriser.defaultWorkspaceID
        let some = try await reading { () async throws(StoreError) in
            try await store.tokens(workspaceID: workspaceID, after: nil, limit: 1)
        }
        guard some.isEmpty else { return nil }
        return try await makeToken(
            "admin", .admin, workspaceID: workspaceID, lifetime: nil, by: "server")
    }

    private func makeToken(
        _ name: String, _ role: Role, workspaceID: String, lifetime: Duration?, by creator: String
    ) async throws(OperationError) -> CreateTokenResponse {
        let secret = TokenSecret.make()
        let now = environment.now()
        let id = ExecutionID(time: now, random: (environment.random(), environment.random()))
        let token = Token(
            id: id.description, name: name, workspaceID: workspaceID, role: role,
            createTime: now.timestamp,
            expireTime: lifetime.map { now.advanced(by: $0).timestamp }, createdBy: creator)
        let row = TokenRow(token: token, secretHash: TokenSecret.hash(secret))
        let refusal = try await committing([.insertToken(row)])
        switch refusal {
        case nil:
            return CreateTokenResponse(token: token, secret: secret)
        case .some:
            throw OperationError(
                .alreadyExists, reason: "TOKEN_NAME_IN_USE",
                "the workspace has a token named '\(name)'; revoke it or choose another name")
        }
    }
}
