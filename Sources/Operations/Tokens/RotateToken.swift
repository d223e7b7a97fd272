package import Messages
internal import Store

extension Operations {
    /// Gives a token another secret, shown this once; the old one is refused from then on. Needs
    /// admin.
    package func rotateToken(_ request: RotateTokenRequest, by caller: Caller)
        async throws(OperationError) -> CreateTokenResponse
    {
        let grant = try await authorise(.rotateToken, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("token_id", request.tokenID, bytesMax: 64, isNeeded: true)
        try check.finish()
        let row = try await reading { () async throws(StoreError) in
            try await store.access.token(request.tokenID, workspaceID: grant.workspaceID)
        }
        guard let token = row?.token else {
            throw .notFound("token", request.tokenID, reason: "TOKEN_NOT_FOUND")
        }
        try Self.checkServerAdmin(token.serverAdmin, grant)
        let secret = TokenSecret.make(token.kind)
        let refusal = try await committing(
            [
                .access(
                    .rotateToken(
                        workspaceID: grant.workspaceID, idOrName: token.id,
                        secretHash: TokenSecret.hash(secret)))
            ], grant, "token \(token.name)")
        guard refusal == nil else {
            throw OperationError(
                .failedPrecondition, reason: "TOKEN_REVOKED",
                "the token '\(token.name)' is revoked; make another")
        }
        tokens.changed()
        return CreateTokenResponse(token: token, secret: secret)
    }

    /// Only a server admin hands out, or gets hold of, what a server admin may.
    static func checkServerAdmin(_ isNeeded: Bool, _ grant: Authoriser.Grant)
        throws(OperationError)
    {
        guard !isNeeded || grant.principal.serverAdmin else {
            throw OperationError(
                .permissionDenied, reason: "ROLE_INSUFFICIENT",
                "this needs a server admin, and "
                    + "\(OperationError.shown(grant.principal.name)) is none")
        }
    }
}
