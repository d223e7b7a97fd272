package import Messages
internal import Model
internal import Store

extension Operations {
    /// Changes the tags of an execution in any status. Needs operator.
    package func setExecutionTags(_ request: SetExecutionTagsRequest, by caller: Caller)
        async throws(OperationError) -> ExecutionTags
    {
        let grant = try await authorise(
            .setExecutionTags, caller, workspaceID: request.workspaceID, podID: request.podID)
        var check = RequestCheck()
        check.tags("add", request.add, max: limits.tagsPerExecutionMax)
        check.tags("remove", request.remove, max: limits.tagsPerExecutionMax)
        if request.replace, !request.remove.isEmpty {
            check.fault("remove", "expected none with 'replace', got \(request.remove.count)")
        }
        try check.finish()
        let row = try await execution(request.executionID, grant)
        let add = try await tags(request.add, grant)
        let remove = try await tags(request.remove, grant)
        let change = TagChange.set(
            row.number, workspaceID: grant.workspaceID, add: add.map(\.id),
            remove: remove.map(\.id), replacing: request.replace, limit: limits.tagsPerExecutionMax)
        switch try await committing([.many(.tag(change))], grant, "execution \(row.number)") {
        case nil:
            let tags = try await reading { () async throws(StoreError) in
                try await store.many.tags(of: row.number)
            }
            return ExecutionTags(tags: tags)
        case .tooMany:
            throw OperationError(
                .resourceExhausted, reason: "TAGS_MAX",
                "an execution may have \(limits.tagsPerExecutionMax) tags, and this would be more")
        case .some:
            throw OperationError(
                .notFound, reason: "EXECUTION_NOT_FOUND",
                "the execution or one of the tags was erased meanwhile")
        }
    }
}
