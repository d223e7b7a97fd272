internal import Messages
internal import Model

/// The one way from what a caller shows to who it is, for every door.
extension Operations {
    /// Who a credential belongs to, looked up anew each time it is used, so that what is revoked or
    /// has expired ends also on open connections.
    /// - Throws: `.unauthenticated`, the same for every credential that does not work.
    package func identify(_ credential: Credential) async throws(OperationError) -> Identity {
        switch credential.kind {
        case .token:
            if let token = try await tokens.token(secretHash: credential.hash) {
                return Identity(
                    token.principal, callsPerMinute: token.callsPerMinute,
                    expiresAt: token.expiresAt)
            }
        case .webToken(let text):
            if let meaning = await webTokens?.meaning(text, hash: credential.hash) {
                return Identity(
                    try await settled(meaning.principal), expiresAt: meaning.expiresAt)
            }
        case .streamTicket(let text):
            if let identity = try await identity(ticket: text) { return identity }
        }
        throw Self.tokenRefused
    }

    /// Counts a call of that caller.
    /// - Returns: where it stands, for doors that show it.
    /// - Throws: `.resourceExhausted` with a retry delay; its metadata hold `limit`, `remaining` and
    ///   `reset`, in seconds since 1970.
    @discardableResult
    package func count(_ identity: Identity) throws(OperationError) -> RateStatus {
        let principal = identity.principal
        let usual = max(limits.callsPerMinuteMax, 1)
        let called = rates.called(
            principal.tokenID.isEmpty ? principal.name : principal.tokenID,
            perMinute: identity.callsPerMinute > 0 ? identity.callsPerMinute : usual)
        switch called {
        case .allowed(let status):
            return status
        case .refused(let status, let retryAfter):
            throw OperationError(
                .resourceExhausted, reason: "RATE_LIMITED",
                "\(OperationError.shown(identity.principal.name)) may make \(status.limit) calls "
                    + "a minute; try again later",
                retryAfter: retryAfter,
                metadata: [
                    "limit": "\(status.limit)", "remaining": "\(status.remaining)",
                    "reset": "\(status.resetSeconds)",
                ])
        }
    }

    /// A user's principal with its workspace by id, where the claim names it by UUID.
    private func settled(_ principal: Principal) async throws(OperationError) -> Principal {
        guard !principal.workspaceID.isEmpty,
            let workspace = try await directory.workspace(principal.workspaceID)
        else { return principal }
        var settled = principal
        settled.workspaceID = workspace.id
        return settled
    }
}
