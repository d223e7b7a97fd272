package import Messages

extension Operations {
    /// Who a secret belongs to. Needs no role.
    /// - Returns: the answer, and the hash to check again on later calls.
    package func authenticate(_ request: AuthenticateRequest)
        async throws(OperationError) -> (AuthenticateResponse, secretHash: [UInt8])
    {
        guard !request.token.isEmpty, request.token.utf8.count <= TokenSecret.bytesMax else {
            throw Self.tokenRefused
        }
        let hash = TokenSecret.hash(request.token)
        guard let principal = try await tokens.principal(secretHash: hash) else {
            throw Self.tokenRefused
        }
        return (AuthenticateResponse(principal: principal), hash)
    }

    /// The same for every token that does not work, so that nothing can be learnt from it.
    package static var tokenRefused: OperationError {
        OperationError(
            .unauthenticated, reason: "TOKEN_REFUSED", "the token is unknown, revoked or expired")
    }
}
