package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.SecretService` over the operations.
package struct SecretServiceEdge: SecretServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func putSecret(_ request: PutSecretRequest, context: CallContext) async throws -> Secret
    {
        try await operations.putSecret(request, by: context.caller)
    }

    package func listSecrets(_ request: ListSecretsRequest, context: CallContext) async throws
        -> ListSecretsResponse
    {
        try await operations.listSecrets(request, by: context.caller)
    }

    package func deleteSecret(_ request: DeleteSecretRequest, context: CallContext) async throws
        -> DeleteSecretResponse
    {
        try await operations.deleteSecret(request, by: context.caller)
    }

    package func rotateSecrets(_ request: RotateSecretsRequest, context: CallContext) async throws
        -> RotateSecretsResponse
    {
        try await operations.rotateSecrets(request, by: context.caller)
    }
}
