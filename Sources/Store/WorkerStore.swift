package import Model

/// Readings of workers' tasks, kinds and queues.
package protocol WorkerStore: Sendable {
    /// A task with its body; nil where this attempt is over.
    func task(_ key: TaskKey) async throws(StoreError) -> TaskRow?
    /// Tasks without their bodies, those of the highest priority first, then in the order they were
    /// made; of one workspace or of all.
    func tasks(workspaceID: String?, after: TaskPosition?, limit: Int) async throws(StoreError)
        -> [(task: TaskHead, position: TaskPosition)]

    func kind(_ name: String, workspaceID: String) async throws(StoreError) -> KindRow?
    /// By name, after `name`.
    func kinds(workspaceID: String, after name: String?, room: PageRoom) async throws(StoreError)
        -> KindPage
    /// By workspace and name; of one workspace or of all.
    func queues(workspaceID: String?) async throws(StoreError) -> [QueueRow]
}

/// One attempt of one node that a worker runs.
package struct TaskKey: Sendable, Hashable {
    package let number: ExecutionNumber
    package let nodePath: String
    package let attempt: Int32

    package init(number: ExecutionNumber, nodePath: String, attempt: Int32) {
        self.number = number
        self.nodePath = nodePath
        self.attempt = attempt
    }
}

/// What decides to whom a task is handed.
package struct TaskHead: Sendable, Equatable {
    package let key: TaskKey
    package let workspaceID: String
    package let kind: String
    /// Empty: any.
    package let queue: String
    package let priority: Int32
    package let createdAt: WallTime
    package let heartbeatTimeout: Duration
    /// Whether its body holds marks of secrets.
    package let hasSecrets: Bool

    package init(
        key: TaskKey, workspaceID: String, kind: String, queue: String, priority: Int32,
        createdAt: WallTime, heartbeatTimeout: Duration, hasSecrets: Bool
    ) {
        self.key = key
        self.workspaceID = workspaceID
        self.kind = kind
        self.queue = queue
        self.priority = priority
        self.createdAt = createdAt
        self.heartbeatTimeout = heartbeatTimeout
        self.hasSecrets = hasSecrets
    }
}

/// A task as it is stored.
package struct TaskRow: Sendable, Equatable {
    package let head: TaskHead
    /// An encoded `WorkerTaskBody`.
    package let body: [UInt8]

    package init(head: TaskHead, body: [UInt8]) {
        self.head = head
        self.body = body
    }
}

/// A place in the order of tasks.
package struct TaskPosition: Sendable, Equatable {
    package let priority: Int32
    package let id: Int64

    package init(priority: Int32, id: Int64) {
        self.priority = priority
        self.id = id
    }
}

/// Kinds of a workspace.
package struct KindPage: Sendable {
    package let kinds: [KindRow]
    /// Whether there are more after them.
    package let hasMore: Bool

    package init(kinds: [KindRow], hasMore: Bool) {
        self.kinds = kinds
        self.hasMore = hasMore
    }
}

/// A node kind that workers have registered.
package struct KindRow: Sendable, Equatable {
    package let workspaceID: String
    package let name: String
    /// Empty: anything goes.
    package let schemaJSON: String
    package let registeredBy: String
    package let createdAt: WallTime
    package let updatedAt: WallTime

    package init(
        workspaceID: String, name: String, schemaJSON: String, registeredBy: String,
        createdAt: WallTime, updatedAt: WallTime
    ) {
        self.workspaceID = workspaceID
        self.name = name
        self.schemaJSON = schemaJSON
        self.registeredBy = registeredBy
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// A queue's limits.
package struct QueueRow: Sendable, Equatable {
    package let workspaceID: String
    package let name: String
    /// 0: no limit.
    package let concurrency: Int32
    /// 0: no limit.
    package let tasksPerMinute: Int32

    package init(workspaceID: String, name: String, concurrency: Int32, tasksPerMinute: Int32) {
        self.workspaceID = workspaceID
        self.name = name
        self.concurrency = concurrency
        self.tasksPerMinute = tasksPerMinute
    }
}

/// Changes of what workers need.
package enum WorkerChange: Sendable {
    case task(TaskChange)
    /// Makes a kind or replaces its schema; keeps its `createdAt`, and its `updatedAt` where the schema
    /// is the same. Refused with `.tooMany` if it would be one more than `limit` in its workspace.
    case putKind(KindRow, limit: Int)
    /// Refused with `.notFound`.
    case deleteKind(workspaceID: String, name: String)
    /// Makes or replaces a queue's limits. Refused with `.tooMany` like `putKind`.
    case putQueue(QueueRow, limit: Int)
    /// Refused with `.notFound`.
    case deleteQueue(workspaceID: String, name: String)
}

/// Changes of tasks.
package enum TaskChange: Sendable {
    /// Takes the place of an earlier attempt's.
    case insert(TaskRow)
    /// Its result has come, or its worker was lost. Refused with `.notFound` where this attempt is over.
    case end(TaskKey)
    /// Nobody wants its result; does nothing where this attempt is over.
    case withdraw(TaskKey)
}
