internal import Engine
package import Messages
package import Operations
package import RPC
internal import Services

/// `signalbox.v1.WorkerService` over the operations.
package struct WorkerServiceEdge: WorkerServiceHandler {
    private let operations: Operations

    package init(operations: Operations) {
        self.operations = operations
    }

    package func work(
        _ request: WorkRequest, responses: MessageWriter<WorkResponse>, context: CallContext
    ) async throws {
        let caller = context.caller
        let session = try await operations.runWorker(request, by: caller)
        defer { session.close() }
        try await responses.write(WorkResponse(kind: .started(operations.workStarted)))
        do {
            while true { try await responses.write(try await session.next()) }
        } catch let error as EngineError {
            throw OperationError(error)
        }
    }

    package func heartbeat(_ request: HeartbeatRequest, context: CallContext) async throws
        -> HeartbeatResponse
    {
        try await operations.heartbeatWorker(request, by: context.caller)
    }

    package func completeTask(_ request: CompleteTaskRequest, context: CallContext) async throws
        -> CompleteTaskResponse
    {
        let caller = context.caller
        guard request.outputJSON.utf8.count > smallDocumentBytesMax else {
            return try await operations.completeTask(request, by: caller)
        }
        return try await offEventLoop { try await operations.completeTask(request, by: caller) }
    }

    package func failTask(_ request: FailTaskRequest, context: CallContext) async throws
        -> FailTaskResponse
    {
        try await operations.failTask(request, by: context.caller)
    }

    package func reportProgress(_ request: ReportProgressRequest, context: CallContext)
        async throws -> ReportProgressResponse
    {
        try await operations.reportProgress(request, by: context.caller)
    }

    package func listWorkers(_ request: ListWorkersRequest, context: CallContext) async throws
        -> ListWorkersResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listWorkers(request, by: caller) }
    }

    package func listKinds(_ request: ListWorkerKindsRequest, context: CallContext) async throws
        -> ListWorkerKindsResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listWorkerKinds(request, by: caller) }
    }

    package func deleteKind(_ request: DeleteWorkerKindRequest, context: CallContext) async throws
        -> DeleteWorkerKindResponse
    {
        try await operations.deleteWorkerKind(request, by: context.caller)
    }

    package func listQueues(_ request: ListWorkerQueuesRequest, context: CallContext) async throws
        -> ListWorkerQueuesResponse
    {
        let caller = context.caller
        return try await offEventLoop { try await operations.listWorkerQueues(request, by: caller) }
    }

    package func putQueue(_ request: PutWorkerQueueRequest, context: CallContext) async throws
        -> WorkerQueue
    {
        try await operations.putWorkerQueue(request, by: context.caller)
    }

    package func deleteQueue(_ request: DeleteWorkerQueueRequest, context: CallContext)
        async throws -> DeleteWorkerQueueResponse
    {
        try await operations.deleteWorkerQueue(request, by: context.caller)
    }
}
