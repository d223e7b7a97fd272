import Engine
import Messages

@testable import Operations

extension RoleTableTests {
    private static let noTask = "1.1.seal.none"

    static let workerRows: [Row] = [
        Row(.work) { desk, caller, scope in
            let session = try await desk.operations.runWorker(
                WorkRequest(
                    workspaceID: scope.workspaceID, workerID: "w",
                    kinds: [WorkerKind(name: "resize")]), by: caller)
            session.close()
        },
        Row(.heartbeat) { desk, caller, scope in
            _ = try await desk.operations.heartbeatWorker(
                HeartbeatRequest(workspaceID: scope.workspaceID, workerID: "w"), by: caller)
        },
        Row(.completeTask) { desk, caller, scope in
            try await overIsFine {
                _ = try await desk.operations.completeTask(
                    CompleteTaskRequest(workspaceID: scope.workspaceID, taskID: noTask), by: caller)
            }
        },
        Row(.failTask) { desk, caller, scope in
            try await overIsFine {
                _ = try await desk.operations.failTask(
                    FailTaskRequest(workspaceID: scope.workspaceID, taskID: noTask), by: caller)
            }
        },
        Row(.reportProgress) { desk, caller, scope in
            try await overIsFine {
                _ = try await desk.operations.reportProgress(
                    ReportProgressRequest(
                        workspaceID: scope.workspaceID, taskID: noTask, dataJSON: "1"), by: caller)
            }
        },
        Row(.listWorkers) { desk, caller, scope in
            _ = try await desk.operations.listWorkers(
                ListWorkersRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.listWorkerKinds) { desk, caller, scope in
            _ = try await desk.operations.listWorkerKinds(
                ListWorkerKindsRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.deleteWorkerKind) { desk, caller, scope in
            try await desk.operations.runWorker(
                WorkRequest(workerID: "w", kinds: [WorkerKind(name: "gone")]),
                by: Desk.caller(.worker)
            ).close()
            _ = try await desk.operations.deleteWorkerKind(
                DeleteWorkerKindRequest(workspaceID: scope.workspaceID, name: "gone"), by: caller)
        },
        Row(.listWorkerQueues) { desk, caller, scope in
            _ = try await desk.operations.listWorkerQueues(
                ListWorkerQueuesRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.putWorkerQueue) { desk, caller, scope in
            _ = try await desk.operations.putWorkerQueue(
                PutWorkerQueueRequest(
                    workspaceID: scope.workspaceID, name: "gpu", concurrency: 2), by: caller)
        },
        Row(.deleteWorkerQueue) { desk, caller, scope in
            _ = try await desk.operations.putWorkerQueue(
                PutWorkerQueueRequest(name: "gone", concurrency: 1), by: Desk.caller(.admin))
            _ = try await desk.operations.deleteWorkerQueue(
                DeleteWorkerQueueRequest(workspaceID: scope.workspaceID, name: "gone"), by: caller)
        },
    ]

    /// There is no task to try it on; being told so is being let in.
    private static func overIsFine(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let error as OperationError where error.reason == "TASK_OVER" {
            return
        }
    }
}
