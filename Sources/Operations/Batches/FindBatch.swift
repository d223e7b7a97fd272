internal import Messages
internal import Model
internal import Store

extension Operations {
    /// The caller's batch of that id, number or `batch-<number>`.
    /// - Throws: `.notFound`, also for a text that is none of these.
    func batch(_ reference: String, _ grant: Authoriser.Grant) async throws(OperationError) -> Batch
    {
        guard !reference.isEmpty else {
            throw .invalid("batch_id", "expected a batch's id or number, got none")
        }
        let missing = OperationError.notFound("batch", reference, reason: "BATCH_NOT_FOUND")
        let prefix = "batch-"
        let text = reference.hasPrefix(prefix) ? reference.dropFirst(prefix.count) : reference[...]
        guard let parsed = ExecutionReference(text) else { throw missing }
        let found = try await reading { () async throws(StoreError) in
            try await store.many.batch(parsed, workspaceID: grant.workspaceID)
        }
        guard let found, grant.podID == nil || found.podID == grant.podID else { throw missing }
        return found
    }
}
