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
        },
        ConformanceCheck("what has ended comes oldest first, a page at a time") { store in
            for (number, status) in [
                (1, .completed), (2, .running), (3, .failed), (4, .cancelled), (5, .suspended),
                (6, .completed),
            ] as [(Int64, ExecutionStatus)] {
                let row = Samples.execution(number, status: status).with(
                    status: status, endedAt: status.isFinal ? Samples.time(100 + number) : nil)
                try store.put(.insertExecution(row))
            }
            try store.put(
                .insertExecution(Samples.execution(7, workspaceID: "other", status: .failed)))
            let first = try await store.ended(workspaceID: "default", after: nil, limit: 2)
            try expectEqual(first.map(\.number.rawValue), [1, 3])
            try expectEqual(first.map(\.endedAt), [Samples.time(101), Samples.time(103)])
            let rest = try await store.ended(
                workspaceID: "default", after: first.last?.position, limit: 9)
            try expectEqual(rest.map(\.number.rawValue), [4, 6])
        },
        ConformanceCheck("only what has ended is expired") { store in
            try store.put(.insertExecution(Samples.execution(1)))
            try store.expectRefusal(
                .notFinal, of: .expireExecution(ExecutionNumber(rawValue: 1)))
            try store.put(.insertExecution(Samples.execution(2, status: .failed)))
            try store.put(.expireExecution(ExecutionNumber(rawValue: 2)))
            try expectEqual(try await store.get(2), nil)
            try store.expectRefusal(
                .notFound, of: .expireExecution(ExecutionNumber(rawValue: 2)))
        },
        ConformanceCheck("what has tags is told, and not expired") { store in
            let made = Samples.timestamp(Samples.epoch)
            try store.put(
                .many(
                    .tag(
                        .create(
                            Tag(id: "t", name: "T", createTime: made, updateTime: made),
                            workspaceID: "default", limit: 9))))
            let number = ExecutionNumber(rawValue: 1)
            try store.put(.insertExecution(Samples.execution(1, status: .failed)))
            func tag(_ add: [String], _ remove: [String]) -> Change {
                .many(
                    .tag(
                        .set(
                            number, workspaceID: "default", add: add, remove: remove,
                            replacing: false, limit: 9)))
            }
            try store.put(tag(["t"], []))
            let ended = try await store.ended(workspaceID: "default", after: nil, limit: 9)
            try expectEqual(ended.map(\.isTagged), [true])
            try store.expectRefusal(.notEmpty, of: .expireExecution(number))
            try store.put(tag([], ["t"]))
            try store.put(.expireExecution(number))
        },
        ConformanceCheck("settings of workspaces are listed where there are any") { store in
            let settings = WorkspaceSettings(retention: RetentionSettings(days: 7))
            try store.put(
                .access(
                    .insertWorkspace(
                        Workspace(id: "a", name: "a", uuid: Samples.id(1)),
                        firstPod: Pod(id: "default", workspaceID: "a"), max: 9)))
            try store.put(.access(.putSettings(workspaceID: "a", settings)))
            let found = try await store.workspaceSettings(after: nil, limit: 9)
            try expectEqual(found.map(\.workspaceID), ["a"])
            try expectEqual(found.map(\.settings), [settings])
            try expect(try await store.workspaceSettings(after: "a", limit: 9).isEmpty)
        },
        ConformanceCheck("large values come back as they were, also when others that share them go")
        {
            store in
            let rows = (1...2).map { Samples.payloads($0) }
            for row in rows {
                try store.put(
                    .insertExecution(
                        Samples.execution(row.number.rawValue, status: .completed)),
                    .appendJournal(row))
            }
            func read(_ number: Int64) async throws -> [JournalRow] {
                try await store.journal(
                    ExecutionNumber(rawValue: number), after: 0, byteLimit: 64 << 20)
            }
            try expect(rows[0].cut?.parts.count == 4, "the sample holds four large values")
            try expectEqual(try await read(1), [rows[0]])
            try store.put(.deleteExecution(ExecutionNumber(rawValue: 1)))
            try expectEqual(try await read(1), [])
            try expectEqual(try await read(2), [rows[1]])
        },
    ]
}
