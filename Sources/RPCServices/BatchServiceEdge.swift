package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.BatchService` over the operations.
package struct BatchServiceEdge: BatchServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func startBatch(_ request: StartBatchRequest, context: CallContext) async throws
        -> StartBatchResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.startBatch(request, by: caller) }
    }

    package func getBatch(_ request: GetBatchRequest, context: CallContext) async throws -> Batch {
        try await operations.getBatch(request, by: context.caller)
    }

    package func listBatches(_ request: ListBatchesRequest, context: CallContext) async throws
        -> ListBatchesResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listBatches(request, by: caller) }
    }

    package func listBatchItems(_ request: ListBatchItemsRequest, context: CallContext)
        async throws -> ListBatchItemsResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listBatchItems(request, by: caller) }
    }

    package func watchBatch(
        _ request: WatchBatchRequest, responses: MessageWriter<Batch>, context: CallContext
    ) async throws {
        let watch = try await operations.watchBatch(request, by: context.caller)
        try await watch.forEach { batch in try await responses.write(batch) }
        // A watch also ends early when its call was cancelled, which is no good end.
        try Task.checkCancellation()
    }

    package func stopBatch(_ request: StopBatchRequest, context: CallContext) async throws
        -> StopBatchResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.stopBatch(request, by: caller) }
    }

    package func stopAllBatches(_ request: StopAllBatchesRequest, context: CallContext)
        async throws -> StopAllBatchesResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.stopAllBatches(request, by: caller) }
    }

    package func clearBatches(_ request: ClearBatchesRequest, context: CallContext) async throws
        -> ClearBatchesResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.clearBatches(request, by: caller) }
    }
}
