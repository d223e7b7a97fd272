import Engine
import Messages
import Model
import Store
import Testing

/// A worker's stream, without the wire.
extension TestServer {
    func connect(
        _ id: String = "w", kinds: [String] = ["resize"], queue: String = "default",
        concurrency: Int = 1, held: [String] = []
    ) throws -> WorkSession {
        try engine.workers.connect(
            WorkerSpec(
                workspaceID: "default", id: id, queue: queue,
                kinds: kinds.map {
                    WorkerSpec.Kind(name: $0, concurrency: 0)
                }, concurrency: concurrency, principal: "token:worker"), held: held)
    }

    func complete(_ task: WorkerTask, _ output: String = "", by worker: String = "w") async throws {
        try await engine.workers.complete(
            try #require(TaskID.key(task.taskID)), workspaceID: "default", by: worker,
            outputJSON: output)
    }

    func fail(_ task: WorkerTask, _ code: String = "A", isRetryable: Bool = true) async throws {
        try await engine.workers.fail(
            try #require(TaskID.key(task.taskID)), workspaceID: "default", by: "w",
            error: ExecutionError(code: code, message: "m"), isRetryable: isRetryable)
    }

    /// A worker of `connect` says that it is at work on these tasks.
    func heard(of worker: String, _ tasks: [WorkerTask]) throws
        -> [(name: String, reason: TaskEndReason)]
    {
        try engine.workers.heard(
            of: worker, workspaceID: "default", principal: "token:worker",
            names: tasks.map(\.taskID))
    }

    /// Registers a kind as a worker does.
    func register(_ kind: String, schema: String = "") async throws {
        let row = KindRow(
            workspaceID: "default", name: kind, schemaJSON: schema, registeredBy: "test",
            createdAt: environment.now(), updatedAt: environment.now())
        _ = try await committer.commit(
            Commit([.worker(.putKind(row, limit: 100))]), admission: .new)
        engine.workers.kindChanged(kind, workspaceID: "default")
    }
}

extension WorkSession {
    /// The next task; anything else fails the test.
    func task() async throws -> WorkerTask {
        guard case .task(let task)? = try await next().kind else {
            throw UnexpectedMessage()
        }
        return task
    }

    /// The next cancellation; anything else fails the test.
    func cancellation() async throws -> TaskCancelled {
        guard case .cancelled(let cancelled)? = try await next().kind else {
            throw UnexpectedMessage()
        }
        return cancelled
    }

    struct UnexpectedMessage: Error {}
}

extension Definitions {
    /// One node that a worker runs.
    static func worked(_ type: String = "resize", _ data: String = "{}") -> String {
        #"""
        {"nodes":[{"id":"start","type":"start"},{"id":"job","type":"\#(type)","data":\#(data)},
        {"id":"end","type":"end"}],
        "edges":[{"source":"start","target":"job"},{"source":"job","target":"end"}]}
        """#
    }
}

extension TestServer {
    /// A worker that serves a kind, if there is one, and completes every task with its input.
    func worker(of kind: String?) async throws -> Task<Void, any Error>? {
        guard let kind else { return nil }
        try await register(kind)
        let sessions = try ["default", "images"].map { queue in
            try connect(queue, kinds: [kind], queue: queue)
        }
        let engine = engine
        return Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for session in sessions {
                    group.addTask {
                        while true {
                            let task = try await session.task()
                            try await engine.workers.complete(
                                try #require(TaskID.key(task.taskID)), workspaceID: "default",
                                by: session.spec.id, outputJSON: task.inputJSON)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
