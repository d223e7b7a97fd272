internal import Engine
package import Messages
internal import Store

extension Operations {
    /// Takes a queue's limits away. Needs admin.
    package func deleteWorkerQueue(_ request: DeleteWorkerQueueRequest, by caller: Caller)
        async throws(OperationError) -> DeleteWorkerQueueResponse
    {
        let grant = try await authorise(
            .deleteWorkerQueue, caller, workspaceID: request.workspaceID)
        var check = RequestCheck()
        check.text("name", request.name, bytesMax: 128, isNeeded: true)
        try check.finish()
        let change = Change.worker(
            .deleteQueue(workspaceID: grant.workspaceID, name: request.name))
        guard try await committing([change], grant, "queue \(request.name)") == nil else {
            throw .notFound("queue", request.name, reason: "QUEUE_NOT_FOUND")
        }
        engine.workers.unlimit(request.name, workspaceID: grant.workspaceID)
        return DeleteWorkerQueueResponse()
    }
}
