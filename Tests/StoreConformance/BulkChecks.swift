import Messages
import Model
import Store

extension ConformanceCheck {
    static let bulkChecks: [ConformanceCheck] = [
        ConformanceCheck("a bulk operation takes executions, settles each once, and ends") {
            store in
            try store.put(insert(1))
            let found = try await store.many.bulk(requestID: "r1", workspaceID: "default")
            let operation = found?.operation ?? BulkOperation()
            try expectEqual(operation.number, 1)
            try expectEqual(operation.total, 7)
            try expectEqual(try await open(store), [1])
            let cursor = ExecutionQuery.Position(
                createdAt: Samples.time(3), number: ExecutionNumber(rawValue: 3))
            try store.put(take([5, 4, 3], cursor: cursor))
            var results = try await store.many.bulkResults(
                1, after: 0, outcomes: [.pending], limit: 9)
            try expectEqual(results.map(\.executionNumber), [5, 4, 3])
            try expectEqual(results.map(\.position), [1, 2, 3])
            for outcome in [BulkOutcome.succeeded, .failed] {
                var result = results[0]
                result.outcome = outcome
                try store.put(.many(.bulk(.settle(1, [result]))))
            }
            results[1].outcome = .skipped
            results[1].reason = "EXECUTION_FINAL"
            results[2].outcome = .failed
            try store.put(.many(.bulk(.settle(1, Array(results[1...])))))
            var row = try await store.many.bulk(
                .number(ExecutionNumber(rawValue: 1)), workspaceID: "default")
            try expectEqual(row?.cursor, cursor)
            try expectEqual(
                row.map {
                    [
                        $0.operation.processed, $0.operation.succeeded, $0.operation.skipped,
                        $0.operation.failed,
                    ]
                },
                [3, 1, 1, 1])
            let skipped = try await store.many.bulkResults(
                1, after: 0, outcomes: [.skipped], limit: 9)
            try expectEqual(skipped.map(\.reason), ["EXECUTION_FINAL"])
            try store.put(.many(.bulk(.end(1, at: Samples.time(9)))))
            row = try await store.many.bulk(
                .number(ExecutionNumber(rawValue: 1)), workspaceID: nil)
            try expectEqual(row?.operation.status, .completed)
            try expectEqual(try await open(store), [])
        },
        ConformanceCheck("a stopped bulk operation takes no more, and ends as stopped") { store in
            try store.put(insert(1))
            try store.put(.many(.bulk(.stop(1, by: "token:a"))))
            try store.expectRefusal(.notFound, of: take([1], cursor: nil))
            try store.expectRefusal(.notFound, of: .many(.bulk(.stop(1, by: "token:b"))))
            try expectEqual(try await open(store), [1])
            try store.put(.many(.bulk(.end(1, at: Samples.time(9)))))
            let row = try await store.many.bulk(
                .number(ExecutionNumber(rawValue: 1)), workspaceID: nil)
            try expectEqual(row?.operation.status, .stopped)
            try expectEqual(row?.operation.stoppedBy, "token:a")
            try expectEqual(row?.operation.endTime, Samples.timestamp(Samples.time(9)))
        },
        ConformanceCheck("a bulk operation knows whom it runs as, and is halted for a reason") {
            store in
            try store.put(insert(1))
            try store.put(take([1], cursor: nil))
            try store.put(.many(.bulk(.halt(1, reason: "PRINCIPAL_GONE"))))
            let reference = ExecutionReference.number(ExecutionNumber(rawValue: 1))
            var row = try await store.many.bulk(reference, workspaceID: nil)
            try expectEqual(row?.principal, principal)
            try expectEqual(row?.operation.status, .stopped)
            try expectEqual(row?.operation.stopReason, "PRINCIPAL_GONE")
            try expectEqual(row?.operation.stoppedBy, "")
            try store.put(.many(.bulk(.end(1, at: Samples.time(9)))))
            try store.put(.many(.bulk(.halt(1, reason: "LATER"))))
            row = try await store.many.bulk(reference, workspaceID: nil)
            try expectEqual(row?.operation.stopReason, "PRINCIPAL_GONE")
        },
        ConformanceCheck("bulk operations that have not ended are found, a page after the other") {
            store in
            for number in 1...2 as ClosedRange<Int64> { try store.put(insert(number)) }
            try store.put(insert(3, workspaceID: "other"))
            let first = try await store.many.openBulks(after: 0, limit: 2)
            try expectEqual(first.map(\.number), [1, 2])
            let next = try await store.many.openBulks(after: 2, limit: 2)
            try expectEqual(next.map(\.number), [3])
            try expectEqual(next.map(\.workspaceID), ["other"])
        },
        ConformanceCheck("bulk operations are bounded: so many open, so many kept") { store in
            try store.put(insert(1))
            try store.expectRefusal(.nameInUse, of: insert(1))
            try store.put(insert(2))
            try store.expectRefusal(.tooMany, of: insert(3))
            for number in 1...2 as ClosedRange<Int64> {
                try store.put(.many(.bulk(.end(number, at: Samples.time(9)))))
            }
            try store.put(insert(3))
            try store.put(.many(.bulk(.end(3, at: Samples.time(9)))))
            try store.put(insert(4))
            let list = try await store.many.bulks(
                workspaceID: "default", statuses: [], before: nil, limit: 9)
            try expectEqual(list.map(\.number), [4, 3, 2])
            let open = try await store.many.bulks(
                workspaceID: "default", statuses: [.running], before: nil, limit: 9)
            try expectEqual(open.map(\.number), [4])
            let older = try await store.many.bulks(
                workspaceID: "default", statuses: [], before: 4, limit: 1)
            try expectEqual(older.map(\.number), [3])
        },
    ]

    private static func open(_ store: any Store) async throws -> [Int64] {
        try await store.many.openBulks(after: 0, limit: 9).map(\.number)
    }

    private static let principal = Principal(
        name: "token:a", workspaceID: "default", role: .editor, tokenID: "a")

    private static func insert(_ number: Int64, workspaceID: String = "default") -> Change {
        let operation = BulkOperation(
            id: Samples.id(number), workspaceID: workspaceID, action: .cancel, status: .running,
            total: 7, startTime: Samples.timestamp(Samples.epoch), startedBy: "token:a", rate: 9)
        return .many(
            .bulk(
                .insert(
                    operation, principal: principal, requestID: "r\(number)", requestHash: [1],
                    openMax: 2, keep: 2)))
    }

    private static func take(_ numbers: [Int64], cursor: ExecutionQuery.Position?) -> Change {
        .many(
            .bulk(
                .take(
                    1, numbers.map { (ExecutionNumber(rawValue: $0), Samples.id($0)) },
                    cursor: cursor, hasTakenAll: cursor == nil)))
    }
}
