package import Messages

extension Operations {
    /// Who a credential belongs to. Needs no role.
    /// - Returns: the answer, and the credential to identify again on later calls.
    package func authenticate(_ request: AuthenticateRequest)
        async throws(OperationError) -> (AuthenticateResponse, credential: Credential)
    {
        guard let credential = Credential(request.token) else { throw Self.tokenRefused }
        let identity = try await identify(credential)
        return (AuthenticateResponse(principal: identity.principal), credential)
    }

    /// The same for every credential that does not work, so that nothing can be learnt from it.
    package static var tokenRefused: OperationError {
        OperationError(
            .unauthenticated, reason: "TOKEN_REFUSED", "the token is unknown, revoked or expired")
    }
}
