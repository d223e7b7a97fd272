package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.ServerService` over the operations.
package struct ServerServiceEdge: ServerServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func getInfo(_ request: GetInfoRequest, context: CallContext) async throws
        -> GetInfoResponse
    {
        operations.getInfo(request, by: context.caller)
    }

    package func authenticate(_ request: AuthenticateRequest, context: CallContext) async throws
        -> AuthenticateResponse
    {
        let (answer, credential) = try await operations.authenticate(request)
        context.connection.credentials.authenticated = credential
        return answer
    }

    package func createToken(_ request: CreateTokenRequest, context: CallContext) async throws
        -> CreateTokenResponse
    {
        try await operations.createToken(request, by: context.caller)
    }

    package func listTokens(_ request: ListTokensRequest, context: CallContext) async throws
        -> ListTokensResponse
    {
        try await operations.listTokens(request, by: context.caller)
    }

    package func revokeToken(_ request: RevokeTokenRequest, context: CallContext) async throws
        -> RevokeTokenResponse
    {
        try await operations.revokeToken(request, by: context.caller)
    }
}
