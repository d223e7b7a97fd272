import Engine
import Messages
import Model
import Testing

@testable import Operations

/// What workers may ask of the server, and what hostile ones are told.
@Suite(.timeLimit(.minutes(2))) struct WorkerOperationTests {
    private static let worker = Desk.caller(.worker)
    private static let flow = #"""
        {"id":"worked","nodes":[{"id":"s","type":"start"},{"id":"job","type":"resize"},
        {"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"job"},{"source":"job","target":"e"}]}
        """#

    private static func request(
        _ id: String = "w", kinds: [WorkerKind] = [WorkerKind(name: "resize")]
    ) -> WorkRequest {
        WorkRequest(workerID: id, kinds: kinds)
    }

    /// An execution at a worker's node, and its task as it was handed out.
    private static func handedOut(_ desk: Desk, to session: WorkSession) async throws -> WorkerTask
    {
        _ = try await desk.operations.putWorkflow(
            PutWorkflowRequest(definitionJSON: flow, allowUnregistered: true),
            by: Desk.caller(.editor))
        _ = try await desk.operations.triggerExecution(
            TriggerRequest(workflowID: "worked"), by: Desk.caller(.operator))
        guard case .task(let task)? = try await session.next().kind else {
            throw OperationError(.internal, reason: "TEST", "expected a task")
        }
        return task
    }

    private static func refusal(_ body: () async throws -> Void) async -> String? {
        await #expect(throws: OperationError.self) { try await body() }?.reason
    }

    @Test func `nobody ends, fails or renews a task that was not handed to it`() async throws {
        try await Desk.with { desk in
            let session = try await desk.operations.runWorker(Self.request(), by: Self.worker)
            let task = try await Self.handedOut(desk, to: session)
            let operations = desk.operations
            let parts = task.taskID.split(separator: ".")
            let guess = "\(parts[0]).\(parts[1]).\(String(repeating: "0", count: 32)).\(parts[3])"
            for name in [guess, "1.1.x.job", "\(parts[0]).2.\(parts[2]).\(parts[3])"] {
                #expect(
                    await Self.refusal {
                        _ = try await operations.completeTask(
                            CompleteTaskRequest(taskID: name, outputJSON: "1"), by: Self.worker)
                    } == "TASK_OVER")
                #expect(
                    await Self.refusal {
                        _ = try await operations.failTask(
                            FailTaskRequest(taskID: name), by: Self.worker)
                    } == "TASK_OVER")
                #expect(
                    await Self.refusal {
                        _ = try await operations.reportProgress(
                            ReportProgressRequest(taskID: name, dataJSON: "1"), by: Self.worker)
                    } == "TASK_OVER")
                // A heartbeat that names it learns that it is over, and takes nothing.
                let beat = try await operations.heartbeatWorker(
                    HeartbeatRequest(workerID: "thief", taskIDs: [name]), by: Self.worker)
                #expect(beat.cancelled == [TaskCancelled(taskID: name, ending: .over)])
            }
            // The right name of another workspace's task is of no use either.
            let other = Desk.caller(.worker, workspaceID: "other")
            #expect(
                await Self.refusal {
                    _ = try await operations.completeTask(
                        CompleteTaskRequest(taskID: task.taskID), by: other)
                } == "TASK_OVER")
            let beat = try await operations.heartbeatWorker(
                HeartbeatRequest(workerID: "w", taskIDs: [task.taskID]), by: other)
            #expect(beat.cancelled.map(\.taskID) == [task.taskID])

            _ = try await operations.completeTask(
                CompleteTaskRequest(taskID: task.taskID, outputJSON: "1"), by: Self.worker)
            session.close()
        }
    }

    @Test func `a stream that names tasks it never had takes none of them`() async throws {
        try await Desk.with { desk in
            let session = try await desk.operations.runWorker(Self.request(), by: Self.worker)
            let task = try await Self.handedOut(desk, to: session)
            var thieving = Self.request("thief")
            let guess = task.taskID.replacing(
                /\.[0-9a-f]{32}\./, with: ".\(String(repeating: "a", count: 32)).")
            thieving.heldTaskIDs = [guess]
            let thief = try await desk.operations.runWorker(thieving, by: Self.worker)
            guard case .cancelled(let told)? = try await thief.next().kind else {
                Issue.record("expected to be told")
                return
            }
            #expect(told == TaskCancelled(taskID: guess, ending: .over))
            // Nor does another principal get it by calling itself like the worker that has it.
            let stranger = Caller(
                Principal(name: "token:stranger", workspaceID: "default", role: .worker))
            #expect(
                await Self.refusal {
                    _ = try await desk.operations.runWorker(Self.request(), by: stranger)
                } == "WORKER_ID_TAKEN")
            #expect(
                await Self.refusal {
                    _ = try await desk.operations.heartbeatWorker(
                        HeartbeatRequest(workerID: "w", taskIDs: [task.taskID]), by: stranger)
                } == "WORKER_ID_TAKEN")
            let standing = try await desk.operations.listWorkers(
                ListWorkersRequest(), by: Desk.caller(.viewer))
            #expect(standing.workers.map(\.runningCount) == [0, 1])
            _ = try await desk.operations.completeTask(
                CompleteTaskRequest(taskID: task.taskID), by: Self.worker)
            thief.close()
            session.close()
        }
    }

    @Test func `what is too large or malformed changes nothing`() async throws {
        try await Desk.with { desk in
            let session = try await desk.operations.runWorker(Self.request(), by: Self.worker)
            let task = try await Self.handedOut(desk, to: session)
            let operations = desk.operations
            let limits = Limits()
            func text(_ bytes: Int) -> String {
                "\"" + String(repeating: "x", count: bytes) + "\""
            }
            for data in [text(limits.workers.progressBytesMax), "{", "", "\"\u{0}\""] {
                #expect(
                    await Self.refusal {
                        _ = try await operations.reportProgress(
                            ReportProgressRequest(taskID: task.taskID, dataJSON: data),
                            by: Self.worker)
                    } == "INVALID_ARGUMENT")
            }
            #expect(
                await Self.refusal {
                    _ = try await operations.completeTask(
                        CompleteTaskRequest(
                            taskID: task.taskID, outputJSON: text(limits.nodeOutputBytesMax)),
                        by: Self.worker)
                } == "INVALID_ARGUMENT")
            for failing in [
                FailTaskRequest(taskID: task.taskID, code: "lower"),
                FailTaskRequest(taskID: task.taskID, code: String(repeating: "A", count: 65)),
                FailTaskRequest(
                    taskID: task.taskID, detailsJSON: text(limits.workers.detailsBytesMax)),
                FailTaskRequest(taskID: "nothing"), FailTaskRequest(taskID: ""),
            ] {
                #expect(
                    await Self.refusal {
                        _ = try await operations.failTask(failing, by: Self.worker)
                    } == "INVALID_ARGUMENT")
            }
            let many = Array(repeating: task.taskID, count: limits.workers.concurrencyMax + 1)
            #expect(
                await Self.refusal {
                    _ = try await operations.heartbeatWorker(
                        HeartbeatRequest(workerID: "w", taskIDs: many), by: Self.worker)
                } == "INVALID_ARGUMENT")
            _ = try await operations.completeTask(
                CompleteTaskRequest(taskID: task.taskID), by: Self.worker)
            session.close()
        }
    }

    @Test func `a workspace has so many workers, kinds and queues, and no more`() async throws {
        var limits = Limits()
        limits.workers.workersPerWorkspaceMax = 2
        limits.workers.kindsPerWorkspaceMax = 3
        limits.workers.queuesPerWorkspaceMax = 1
        try await Desk.with(limits: limits) { desk in
            let operations = desk.operations
            let first = try await operations.runWorker(Self.request("a"), by: Self.worker)
            let second = try await operations.runWorker(Self.request("b"), by: Self.worker)
            #expect(
                await Self.refusal {
                    _ = try await operations.runWorker(Self.request("c"), by: Self.worker)
                } == "WORKERS_MAX")
            second.close()
            try await operations.runWorker(Self.request("c"), by: Self.worker).close()
            // All kinds of a worker or none.
            let more = ["resize", "k1", "k2", "k3"].map { WorkerKind(name: $0) }
            #expect(
                await Self.refusal {
                    _ = try await operations.runWorker(
                        Self.request("d", kinds: more), by: Self.worker)
                } == "KINDS_MAX")
            let admin = Desk.caller(.admin)
            let known = try await operations.listWorkerKinds(ListWorkerKindsRequest(), by: admin)
            #expect(known.kinds.map(\.name) == ["resize"])
            // Another workspace has its own.
            let other = Desk.caller(.worker, workspaceID: "other")
            try await operations.runWorker(
                Self.request("d", kinds: Array(more.dropFirst())), by: other
            ).close()
            let here = try await operations.listWorkerKinds(ListWorkerKindsRequest(), by: admin)
            #expect(here.kinds.map(\.name) == ["resize"])

            _ = try await operations.putWorkerQueue(
                PutWorkerQueueRequest(name: "gpu", concurrency: 1), by: admin)
            _ = try await operations.putWorkerQueue(
                PutWorkerQueueRequest(name: "gpu", concurrency: 2), by: admin)
            #expect(
                await Self.refusal {
                    _ = try await operations.putWorkerQueue(
                        PutWorkerQueueRequest(name: "cpu", concurrency: 1), by: admin)
                } == "QUEUES_MAX")
            let kinds = (0...limits.workers.kindsPerWorkerMax).map { WorkerKind(name: "k\($0)") }
            #expect(
                await Self.refusal {
                    _ = try await operations.runWorker(
                        Self.request("d", kinds: kinds), by: Self.worker)
                } == "INVALID_ARGUMENT")
            let schema = "\"" + String(repeating: "x", count: limits.workers.kindSchemaBytesMax)
            #expect(
                await Self.refusal {
                    _ = try await operations.runWorker(
                        Self.request(
                            "d", kinds: [WorkerKind(name: "k", dataSchemaJSON: schema + "\"")]),
                        by: Self.worker)
                } == "INVALID_ARGUMENT")
            first.close()
        }
    }
}
