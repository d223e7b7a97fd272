public import Messages
public import RPC
internal import Services

/// Workers as operators see them; who wants to be one makes a `Worker`.
extension SignalboxClient {
    /// Lists the workers that are connected.
    public func listWorkers(_ request: ListWorkersRequest, options: CallOptions = CallOptions())
        async throws -> ListWorkersResponse
    {
        try await workers().listWorkers(request, options: options)
    }

    /// Lists the kinds that workers have registered.
    public func listWorkerKinds(
        _ request: ListWorkerKindsRequest, options: CallOptions = CallOptions()
    ) async throws -> ListWorkerKindsResponse {
        try await workers().listKinds(request, options: options)
    }

    /// Forgets a registered kind.
    public func deleteWorkerKind(
        _ request: DeleteWorkerKindRequest, options: CallOptions = CallOptions()
    ) async throws {
        _ = try await workers().deleteKind(request, options: options)
    }

    /// Lists the queues that have limits or something in them.
    public func listWorkerQueues(
        _ request: ListWorkerQueuesRequest, options: CallOptions = CallOptions()
    ) async throws -> ListWorkerQueuesResponse {
        try await workers().listQueues(request, options: options)
    }

    /// Sets a queue's limits.
    public func putWorkerQueue(
        _ request: PutWorkerQueueRequest, options: CallOptions = CallOptions()
    ) async throws -> WorkerQueue {
        try await workers().putQueue(request, options: options)
    }

    /// Takes a queue's limits away.
    public func deleteWorkerQueue(
        _ request: DeleteWorkerQueueRequest, options: CallOptions = CallOptions()
    ) async throws {
        _ = try await workers().deleteQueue(request, options: options)
    }

    func workers() async throws -> WorkerServiceClient {
        WorkerServiceClient(channel: try await dialer.connection())
    }
}
