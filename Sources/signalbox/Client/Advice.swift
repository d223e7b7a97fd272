internal import Messages
internal import SignalboxClient

/// Finds out what somebody can do for an execution that is watched.
struct Advice: Sendable {
    /// How many workers are looked at: a page of them.
    private static let workersMax: Int32 = 1_000

    let client: SignalboxClient
    /// As the watch named it.
    let workspaceID: String
    let podID: String
    let executionID: String

    init(_ client: SignalboxClient, _ request: WatchRequest) {
        self.client = client
        workspaceID = request.workspaceID
        podID = request.podID
        executionID = request.executionID
    }

    /// A line for each thing; none where nothing is to be done. It is an extra: where it cannot be found
    /// out, for example for want of a permission, nothing is said.
    func lines(_ waits: Waits) async -> [String] {
        do {
            if waits.isSuspended {
                let now = try await client.getExecution(
                    GetExecutionRequest(
                        workspaceID: workspaceID, podID: podID, executionID: executionID))
                guard now.status == .suspended else { return [] }
                return NextStep(workspaceID: workspaceID, podID: podID).lines(now)
            }
            guard !waits.tasks.isEmpty else { return [] }
            let page = try await client.listWorkers(
                ListWorkersRequest(workspaceID: workspaceID, pageSize: Self.workersMax))
            return Set(waits.tasks.values).sorted().compactMap { task in
                NextStep.line(task: task, workers: page.workers)
            }
        } catch {
            return []
        }
    }
}
