internal import Messages
internal import Model
internal import Store

extension Operations {
    /// The caller's execution of that id or number.
    /// - Throws: `.notFound`, also for a text that is neither.
    func execution(_ reference: String, _ grant: Authoriser.Grant) async throws(OperationError)
        -> ExecutionRow
    {
        guard !reference.isEmpty else {
            throw .invalid("execution_id", "expected an execution's id or number, got none")
        }
        let missing = OperationError.notFound(
            "execution", reference, reason: "EXECUTION_NOT_FOUND")
        guard let parsed = ExecutionReference(reference) else { throw missing }
        let row = try await reading { () async throws(StoreError) in
            try await store.execution(parsed, workspaceID: grant.workspaceID)
        }
        guard let row, grant.podID == nil || row.execution.podID == grant.podID,
            grant.onlyExecutionID == nil || row.execution.id == grant.onlyExecutionID
        else { throw missing }
        return row
    }
}

extension ExecutionRow {
    var number: ExecutionNumber { ExecutionNumber(rawValue: execution.number) }
}
