internal import Engine
internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension Operations {
    /// The tags that are meant, each once.
    /// - Throws: `.notFound` for the first that is none of the workspace.
    func tags(_ idsOrNames: [String], _ grant: Authoriser.Grant) async throws(OperationError)
        -> [Tag]
    {
        guard !idsOrNames.isEmpty else { return [] }
        let found = try await reading { () async throws(StoreError) in
            try await store.many.tags(idsOrNames, workspaceID: grant.workspaceID)
        }
        var tags: [Tag] = []
        for text in idsOrNames {
            guard let tag = found.first(where: { $0.id == text || $0.name == text }) else {
                throw .notFound("tag", text, reason: "TAG_NOT_FOUND")
            }
            if !tags.contains(where: { $0.id == tag.id }) { tags.append(tag) }
        }
        return tags
    }

    /// One tag with its count.
    func tag(_ idOrName: String, _ grant: Authoriser.Grant) async throws(OperationError) -> Tag {
        let found = try await reading { () async throws(StoreError) in
            try await store.many.tag(idOrName, workspaceID: grant.workspaceID)
        }
        guard let found else { throw .notFound("tag", idOrName, reason: "TAG_NOT_FOUND") }
        return found
    }

    /// The filter as the store takes it: tags by id, a batch by number and with the instant at which
    /// all of its executions were made.
    func resolved(_ filter: ExecutionFilter, _ grant: Authoriser.Grant)
        async throws(OperationError) -> ExecutionFilter
    {
        var filter = filter
        filter.tags = try await tags(filter.tags, grant).map(\.id).sorted()
        guard !filter.batchID.isEmpty else { return filter }
        let batch = try await batch(filter.batchID, grant)
        filter.batchID = "\(batch.number)"
        guard let made = batch.startTime else { return filter }
        let after = Timestamp(
            nanosecondsSinceEpoch: (made.seconds * 1_000_000_000 + Int64(made.nanos)) + 1_000)
        filter.createdFrom = max(filter.createdFrom ?? made, made)
        filter.createdBefore = min(filter.createdBefore ?? after, after)
        return filter
    }
}
