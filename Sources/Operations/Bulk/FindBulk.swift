internal import Messages
internal import Model
internal import Store

extension Operations {
    /// The caller's bulk operation of that id, number or `bulk-<number>`.
    /// - Throws: `.notFound`, also for a text that is none of these.
    func bulk(_ reference: String, _ grant: Authoriser.Grant) async throws(OperationError)
        -> BulkRow
    {
        guard !reference.isEmpty else {
            throw .invalid("operation_id", "expected an operation's id or number, got none")
        }
        let missing = OperationError.notFound(
            "bulk operation", reference, reason: "BULK_OPERATION_NOT_FOUND")
        let prefix = "bulk-"
        let text = reference.hasPrefix(prefix) ? reference.dropFirst(prefix.count) : reference[...]
        guard let parsed = ExecutionReference(text) else { throw missing }
        let found = try await reading { () async throws(StoreError) in
            try await store.many.bulk(parsed, workspaceID: grant.workspaceID)
        }
        guard let found else { throw missing }
        return found
    }
}
