internal import Messages
internal import Model
internal import Store

extension ConformanceCheck {
    /// What becomes of executions after their end.
    static let lifeChecks: [ConformanceCheck] = [
        ConformanceCheck("the newest retry and the newest completed one are found") { store in
            func retry(_ number: Int64, _ status: ExecutionStatus, workspaceID: String = "default")
                throws
            {
                var row = Samples.execution(number, workspaceID: workspaceID, status: status)
                row.execution.trigger = .retry
                row.execution.sourceID = Samples.id(1)
                row.execution.sourceNumber = 1
                try store.put(.insertExecution(row))
            }
            try store.put(.insertExecution(Samples.execution(1, status: .failed)))
            try store.put(.insertExecution(Samples.execution(2, status: .failed)))
            try retry(3, .completed)
            try retry(4, .failed)
            try retry(5, .completed, workspaceID: "other")
            var replay = Samples.execution(6)
            replay.execution.trigger = .replay
            replay.execution.sourceID = Samples.id(1)
            try store.put(.insertExecution(replay))
            let links = try await store.retries(
                of: [Samples.id(1), Samples.id(2)], workspaceID: "default")
            try expectEqual(
                links,
                [
                    Samples.id(1): RetryLinks(
                        newest: ExecutionLink(id: Samples.id(4), number: 4),
                        completed: ExecutionLink(id: Samples.id(3), number: 3))
                ])
            try expectEqual(try await store.get(4)?.execution.sourceNumber, 1)
        }
    ]
}
