public import Messages
public import RPC
internal import Services

/// Many executions at once: tags, batches, bulk operations.
extension SignalboxClient {
    /// Makes a tag.
    public func createTag(_ request: CreateTagRequest, options: CallOptions = CallOptions())
        async throws -> Tag
    {
        try await tags().createTag(request, options: options)
    }

    /// Returns a tag.
    public func getTag(_ request: GetTagRequest, options: CallOptions = CallOptions())
        async throws -> Tag
    {
        try await tags().getTag(request, options: options)
    }

    /// Lists tags by name.
    public func listTags(_ request: ListTagsRequest, options: CallOptions = CallOptions())
        async throws -> ListTagsResponse
    {
        try await tags().listTags(request, options: options)
    }

    /// Gives a tag another name.
    public func renameTag(_ request: RenameTagRequest, options: CallOptions = CallOptions())
        async throws -> Tag
    {
        try await tags().renameTag(request, options: options)
    }

    /// Deletes a tag and takes it from every execution.
    public func deleteTag(_ request: DeleteTagRequest, options: CallOptions = CallOptions())
        async throws -> DeleteTagResponse
    {
        try await tags().deleteTag(request, options: options)
    }

    /// Returns the tags of an execution.
    public func executionTags(
        _ request: GetExecutionTagsRequest, options: CallOptions = CallOptions()
    ) async throws -> ExecutionTags {
        try await tags().getExecutionTags(request, options: options)
    }

    /// Changes the tags of an execution.
    public func setExecutionTags(
        _ request: SetExecutionTagsRequest, options: CallOptions = CallOptions()
    ) async throws -> ExecutionTags {
        try await tags().setExecutionTags(request, options: options)
    }

    /// Checks workflows and starts those that are good.
    public func startBatch(_ request: StartBatchRequest, options: CallOptions = CallOptions())
        async throws -> StartBatchResponse
    {
        try await batches().startBatch(request, options: options)
    }

    /// Returns a batch with its counts.
    public func getBatch(_ request: GetBatchRequest, options: CallOptions = CallOptions())
        async throws -> Batch
    {
        try await batches().getBatch(request, options: options)
    }

    /// Lists batches, newest first.
    public func listBatches(_ request: ListBatchesRequest, options: CallOptions = CallOptions())
        async throws -> ListBatchesResponse
    {
        try await batches().listBatches(request, options: options)
    }

    /// Lists a batch's items.
    public func listBatchItems(
        _ request: ListBatchItemsRequest, options: CallOptions = CallOptions()
    ) async throws -> ListBatchItemsResponse {
        try await batches().listBatchItems(request, options: options)
    }

    /// Gives `body` the batch as it stands, again after changes, and returns after the final one.
    public func watchBatch(
        _ request: WatchBatchRequest, options: CallOptions = CallOptions(),
        _ body: (Batch) async throws -> Void
    ) async throws {
        for try await batch in try await batches().watchBatch(request, options: options) {
            try await body(batch)
        }
    }

    /// Cancels what is not final of a batch.
    public func stopBatch(_ request: StopBatchRequest, options: CallOptions = CallOptions())
        async throws -> StopBatchResponse
    {
        try await batches().stopBatch(request, options: options)
    }

    /// Stops every batch of a workspace.
    public func stopAllBatches(
        _ request: StopAllBatchesRequest, options: CallOptions = CallOptions()
    ) async throws -> StopAllBatchesResponse {
        try await batches().stopAllBatches(request, options: options)
    }

    /// Erases every batch and execution of a workspace.
    public func clearBatches(_ request: ClearBatchesRequest, options: CallOptions = CallOptions())
        async throws -> ClearBatchesResponse
    {
        try await batches().clearBatches(request, options: options)
    }

    /// Starts an action on every execution that a filter selects.
    public func startBulkOperation(
        _ request: StartBulkOperationRequest, options: CallOptions = CallOptions()
    ) async throws -> StartBulkOperationResponse {
        try await bulk().startBulkOperation(request, options: options)
    }

    /// Returns a bulk operation with its progress.
    public func getBulkOperation(
        _ request: GetBulkOperationRequest, options: CallOptions = CallOptions()
    ) async throws -> BulkOperation {
        try await bulk().getBulkOperation(request, options: options)
    }

    /// Lists bulk operations, newest first.
    public func listBulkOperations(
        _ request: ListBulkOperationsRequest, options: CallOptions = CallOptions()
    ) async throws -> ListBulkOperationsResponse {
        try await bulk().listBulkOperations(request, options: options)
    }

    /// Lists what became of each execution of a bulk operation.
    public func listBulkResults(
        _ request: ListBulkResultsRequest, options: CallOptions = CallOptions()
    ) async throws -> ListBulkResultsResponse {
        try await bulk().listBulkResults(request, options: options)
    }

    /// Gives `body` the bulk operation as it stands, again after changes, and returns after the one
    /// that has ended.
    public func watchBulkOperation(
        _ request: WatchBulkOperationRequest, options: CallOptions = CallOptions(),
        _ body: (BulkOperation) async throws -> Void
    ) async throws {
        for try await operation in try await bulk().watchBulkOperation(request, options: options) {
            try await body(operation)
        }
    }

    /// Ends a bulk operation after what it has begun.
    public func stopBulkOperation(
        _ request: StopBulkOperationRequest, options: CallOptions = CallOptions()
    ) async throws -> BulkOperation {
        try await bulk().stopBulkOperation(request, options: options)
    }

    private func bulk() async throws -> BulkServiceClient {
        BulkServiceClient(channel: try await dialer.connection())
    }

    private func tags() async throws -> TagServiceClient {
        TagServiceClient(channel: try await dialer.connection())
    }

    private func batches() async throws -> BatchServiceClient {
        BatchServiceClient(channel: try await dialer.connection())
    }
}
