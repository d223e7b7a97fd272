/// What is accepted of workers at most. Sizes are in bytes.
package struct WorkerLimits: Sendable {
    /// Workers connected at the same time in one workspace.
    package var workersPerWorkspaceMax = 1_000
    /// Kinds that one worker serves.
    package var kindsPerWorkerMax = 100
    /// Kinds registered in one workspace.
    package var kindsPerWorkspaceMax = 1_000
    /// One kind's schema.
    package var kindSchemaBytesMax = 64 << 10
    /// Queues with limits of their own in one workspace.
    package var queuesPerWorkspaceMax = 1_000
    /// Tasks that one worker takes at once.
    package var concurrencyMax = 1_000
    /// Tasks handed out at the same time on one server.
    package var runningMax = 100_000
    /// Waiting tasks of one workspace whose heads are kept in memory; more wait in the store.
    package var waitingInMemoryMax = 10_000
    /// What a node may set as `heartbeatTimeout`.
    package var heartbeatTimeoutMin = Duration.seconds(1)
    package var heartbeatTimeoutMax = Duration.seconds(3_600)
    /// Where a node sets none.
    package var heartbeatTimeout = Duration.seconds(60)
    /// How long a worker whose stream ended, or that was connected to the server before it was
    /// started again, may take to come back before its tasks are given to others.
    package var returnGrace = Duration.seconds(5)
    /// One report of progress.
    package var progressBytesMax = 16 << 10
    /// Reports of progress of one attempt, and the least time between two.
    package var progressCountMax = 1_000
    package var progressInterval = Duration.milliseconds(100)
    /// A failed task's message and details.
    package var messageBytesMax = 8 << 10
    package var detailsBytesMax = 64 << 10
    /// What a worker is handed, with its secrets.
    package var taskBytesMax = 3 << 20

    package init() {}
}
