package import Messages
internal import Store

extension Operations {
    /// Erases a secret. Needs admin.
    package func deleteSecret(_ request: DeleteSecretRequest, by caller: Caller)
        async throws(OperationError) -> DeleteSecretResponse
    {
        let grant = try Authoriser.authorise(caller, .admin, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("name", request.name, bytesMax: 64, isNeeded: true)
        try check.finish()
        let change = Change.deleteSecret(workspaceID: grant.workspaceID, name: request.name)
        guard try await committing([change]) == nil else {
            throw .notFound("secret", request.name, reason: "SECRET_NOT_FOUND")
        }
        return DeleteSecretResponse()
    }
}
