package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.BulkService` over the operations.
package struct BulkServiceEdge: BulkServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func startBulkOperation(_ request: StartBulkOperationRequest, context: CallContext)
        async throws -> StartBulkOperationResponse
    {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.startBulkOperation(request, by: caller)
        }
    }

    package func getBulkOperation(_ request: GetBulkOperationRequest, context: CallContext)
        async throws -> BulkOperation
    {
        try await operations.getBulkOperation(request, by: context.caller)
    }

    package func listBulkOperations(_ request: ListBulkOperationsRequest, context: CallContext)
        async throws -> ListBulkOperationsResponse
    {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.listBulkOperations(request, by: caller)
        }
    }

    package func listBulkResults(_ request: ListBulkResultsRequest, context: CallContext)
        async throws -> ListBulkResultsResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listBulkResults(request, by: caller) }
    }

    package func watchBulkOperation(
        _ request: WatchBulkOperationRequest, responses: MessageWriter<BulkOperation>,
        context: CallContext
    ) async throws {
        let watch = try await operations.watchBulkOperation(request, by: context.caller)
        try await watch.forEach { operation in try await responses.write(operation) }
        // A watch also ends early when its call was cancelled, which is no good end.
        try Task.checkCancellation()
    }

    package func stopBulkOperation(_ request: StopBulkOperationRequest, context: CallContext)
        async throws -> BulkOperation
    {
        try await operations.stopBulkOperation(request, by: context.caller)
    }
}
