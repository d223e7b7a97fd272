package import Messages
internal import NIOCore
package import Operations
package import RPC
internal import Services
internal import Store

/// `signalbox.v1.ExecutionService` over the operations.
package struct ExecutionServiceEdge: ExecutionServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func trigger(_ request: TriggerRequest, context: CallContext) async throws
        -> TriggerResponse
    {
        let caller = context.caller
        guard request.inputJSON.utf8.count > smallDocumentBytesMax else {
            return try await operations.triggerExecution(request, by: caller)
        }
        return try await offEventLoop {
            try await operations.triggerExecution(request, by: caller)
        }
    }

    package func get(_ request: GetExecutionRequest, context: CallContext) async throws -> Execution
    {
        let caller = context.caller
        guard request.view == .full else {
            return try await operations.getExecution(request, by: caller)
        }
        return try await offEventLoop {
            try await operations.getExecution(request, by: caller)
        }
    }

    package func list(_ request: ListExecutionsRequest, context: CallContext) async throws
        -> ListExecutionsResponse
    {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.listExecutions(request, by: caller)
        }
    }

    package func count(_ request: CountExecutionsRequest, context: CallContext) async throws
        -> CountExecutionsResponse
    {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.countExecutions(request, by: caller)
        }
    }

    package func listNodeExecutions(_ request: ListNodeExecutionsRequest, context: CallContext)
        async throws -> ListNodeExecutionsResponse
    {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.listNodeExecutions(request, by: caller)
        }
    }

    package func getNodeExecution(_ request: GetNodeExecutionRequest, context: CallContext)
        async throws -> NodeExecution
    {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.getNodeExecution(request, by: caller)
        }
    }

    package func cancel(_ request: CancelExecutionRequest, context: CallContext) async throws
        -> Execution
    {
        try await operations.cancelExecution(request, by: context.caller)
    }

    package func respond(_ request: RespondRequest, context: CallContext) async throws -> Execution
    {
        let caller = context.caller
        guard request.dataJSON.utf8.count > smallDocumentBytesMax else {
            return try await operations.respondExecution(request, by: caller)
        }
        return try await offEventLoop {
            try await operations.respondExecution(request, by: caller)
        }
    }

    package func replay(_ request: ReplayRequest, context: CallContext) async throws -> Execution {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.replayExecution(request, by: caller)
        }
    }

    package func retry(_ request: RetryRequest, context: CallContext) async throws -> Execution {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.retryExecution(request, by: caller)
        }
    }

    package func delete(_ request: DeleteExecutionRequest, context: CallContext) async throws
        -> DeleteExecutionResponse
    {
        try await operations.deleteExecution(request, by: context.caller)
    }

    package func watch(
        _ request: WatchRequest, responses: MessageWriter<EventBatch>, context: CallContext
    ) async throws {
        let watch = try await operations.watchExecution(request, by: context.caller)
        do {
            for try await row in watch.rows {
                switch try watch.filter.message(row) {
                case .stored(let bytes):
                    try await responses.write(encoded: ByteBuffer(bytes: bytes))
                case .changed(let batch): try await responses.write(batch)
                case nil: continue
                }
            }
        } catch let error as StoreError {
            throw OperationError(error)
        }
        // A watch also ends early when its call was cancelled, which is no good end.
        try Task.checkCancellation()
    }

    package func getLogs(_ request: GetLogsRequest, context: CallContext) async throws
        -> GetLogsResponse
    {
        let caller = context.caller
        return try await offEventLoop {
            try await operations.getLogs(request, by: caller)
        }
    }
}
