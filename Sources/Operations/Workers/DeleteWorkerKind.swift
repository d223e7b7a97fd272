internal import Engine
package import Messages
internal import Store

extension Operations {
    /// Forgets a registered kind. Needs admin.
    package func deleteWorkerKind(_ request: DeleteWorkerKindRequest, by caller: Caller)
        async throws(OperationError) -> DeleteWorkerKindResponse
    {
        let grant = try await authorise(.deleteWorkerKind, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("name", request.name, bytesMax: 128, isNeeded: true)
        try check.finish()
        let change = Change.worker(
            .deleteKind(workspaceID: grant.workspaceID, name: request.name))
        guard try await committing([change], grant, "kind \(request.name)") == nil else {
            throw .notFound("kind", request.name, reason: "KIND_NOT_FOUND")
        }
        engine.workers.kindChanged(request.name, workspaceID: grant.workspaceID)
        return DeleteWorkerKindResponse()
    }
}
