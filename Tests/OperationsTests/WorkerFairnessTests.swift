import Engine
import Messages
import Model
import Synchronization
import Testing

@testable import Operations

/// Two workspaces' workers and tasks at one server.
@Suite(.timeLimit(.minutes(2))) struct WorkerFairnessTests {
    private static let flow = #"""
        {"id":"worked","nodes":[{"id":"s","type":"start"},{"id":"job","type":"resize"},
        {"id":"e","type":"end"}],
        "edges":[{"source":"s","target":"job"},{"source":"job","target":"e"}]}
        """#

    /// The workspaces of the tasks, as they were handed out.
    private final class Order: Sendable {
        let names = Mutex<[String]>([])
    }

    /// A worker with room for all; its kind is registered.
    private static func connect(_ desk: Desk, _ workspaceID: String) async throws -> WorkSession {
        try await desk.operations.runWorker(
            WorkRequest(
                workerID: "w", kinds: [WorkerKind(name: "resize")], concurrency: 1_000),
            by: Desk.caller(.worker, workspaceID: workspaceID))
    }

    /// Takes so many tasks and completes each.
    private static func work(
        _ desk: Desk, _ session: WorkSession, _ count: Int, _ taken: @Sendable () -> Void
    ) async throws {
        for _ in 0..<count {
            guard case .task(let task)? = try await session.next().kind else {
                throw OperationError(.internal, reason: "TEST", "expected a task")
            }
            taken()
            _ = try await desk.operations.completeTask(
                CompleteTaskRequest(taskID: task.taskID, outputJSON: "1"),
                by: Desk.caller(.worker, workspaceID: session.spec.workspaceID))
        }
    }

    @Test func `one workspace's hundred tasks do not keep another's one waiting to the last`()
        async throws
    {
        var limits = Limits()
        limits.workers.runningMax = 1
        let clock = ManualClock(WallTime(microseconds: 1_767_225_600_000_000))
        try await Desk.with(limits: limits, environment: clock) { desk in
            let many = try await Self.connect(desk, "default")
            let one = try await Self.connect(desk, "other")
            for (workspaceID, count) in [("default", 100), ("other", 1)] {
                _ = try await desk.operations.putWorkflow(
                    PutWorkflowRequest(definitionJSON: Self.flow),
                    by: Desk.caller(.editor, workspaceID: workspaceID))
                for _ in 0..<count {
                    _ = try await desk.operations.triggerExecution(
                        TriggerRequest(workflowID: "worked"),
                        by: Desk.caller(.operator, workspaceID: workspaceID))
                }
            }
            let order = Order()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (session, count) in [(many, 100), (one, 1)] {
                    group.addTask {
                        try await Self.work(desk, session, count) {
                            order.names.withLock { $0.append(session.spec.workspaceID) }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let taken = order.names.withLock { $0 }
            #expect(taken.count == 101)
            // The first was handed out before the other workspace had any, the second had its turn.
            #expect(taken.firstIndex(of: "other") == 2)
            many.close()
            one.close()
        }
    }
}
