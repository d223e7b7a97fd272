package import Messages
internal import Model
internal import Store

extension Operations {
    /// Revokes a token by id or name; calls with it fail from then on. Needs admin.
    package func revokeToken(_ request: RevokeTokenRequest, by caller: Caller)
        async throws(OperationError) -> RevokeTokenResponse
    {
        let grant = try await authorise(.revokeToken, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("token_id", request.tokenID, bytesMax: 64, isNeeded: true)
        try check.finish()
        let row = try await reading { () async throws(StoreError) in
            try await store.access.token(request.tokenID, workspaceID: grant.workspaceID)
        }
        try Self.checkServerAdmin(row?.token.serverAdmin ?? false, grant)
        let change = Change.revokeToken(
            workspaceID: grant.workspaceID, idOrName: request.tokenID, at: environment.now())
        guard try await committing([change], grant, "token \(request.tokenID)") == nil else {
            throw .notFound("token", request.tokenID, reason: "TOKEN_NOT_FOUND")
        }
        tokens.changed()
        return RevokeTokenResponse()
    }
}
