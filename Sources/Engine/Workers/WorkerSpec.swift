package import Model

/// What a worker said of itself when it connected.
package struct WorkerSpec: Sendable, Equatable {
    /// A kind that it serves.
    package struct Kind: Sendable, Equatable {
        package let name: String
        /// How many tasks of it at once; 0: as many as of all.
        package let concurrency: Int

        package init(name: String, concurrency: Int) {
            self.name = name
            self.concurrency = concurrency
        }
    }

    package let workspaceID: String
    package let id: String
    package let queue: String
    package let kinds: [Kind]
    package let concurrency: Int
    /// The principal it works as.
    package let principal: String

    package init(
        workspaceID: String, id: String, queue: String, kinds: [Kind], concurrency: Int,
        principal: String
    ) {
        self.workspaceID = workspaceID
        self.id = id
        self.queue = queue
        self.kinds = kinds
        self.concurrency = concurrency
        self.principal = principal
    }
}

/// A worker as it can be listed.
package struct WorkerStanding: Sendable {
    package let spec: WorkerSpec
    package let runningCount: Int
    package let connectedAt: WallTime
    package let seenAt: WallTime
}

/// A queue as it can be listed.
package struct QueueStanding: Sendable, Equatable {
    package let waiting: Int
    package let running: Int
}

/// Why a task is no longer a worker's.
package enum TaskEndReason: Sendable, Equatable {
    /// Nobody wants its result.
    case cancelled
    /// The worker was not heard of in time.
    case lost
    /// It has ended before.
    case over
}
