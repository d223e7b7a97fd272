package import Messages
internal import Store

extension Operations {
    /// Erases a secret. Needs admin.
    package func deleteSecret(_ request: DeleteSecretRequest, by caller: Caller)
        async throws(OperationError) -> DeleteSecretResponse
    {
        let grant = try await authorise(
            .deleteSecret, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("name", request.name, bytesMax: 64, isNeeded: true)
        try check.finish()
        let change = Change.secret(.delete(workspaceID: grant.workspaceID, name: request.name))
        guard try await committing([change], grant, "secret \(request.name)") == nil else {
            throw .notFound("secret", request.name, reason: "SECRET_NOT_FOUND")
        }
        return DeleteSecretResponse()
    }
}
