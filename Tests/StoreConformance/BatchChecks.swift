import Messages
import Model
import Store

extension ConformanceCheck {
    static let batchChecks: [ConformanceCheck] = [
        ConformanceCheck("a batch's counts move with its executions and always add up") { store in
            try insert(1, count: 4, into: store)
            try expectEqual(try await counts(1, store), [4, 0, 0, 0, 0])
            try move(1, to: [.running], store)
            try move(2, to: [.running, .suspended], store)
            try expectEqual(try await counts(1, store), [2, 2, 0, 0, 0])
            try expectEqual(try await find(1, store)?.suspended, 1)
            try move(2, to: [.running], from: .suspended, store)
            try expectEqual(try await counts(1, store), [2, 2, 0, 0, 0])
            try expectEqual(try await find(1, store)?.suspended, 0)
            try move(2, to: [.suspended, .completed], from: .running, store)
            try expectEqual(try await find(1, store)?.suspended, 0)
            try move(1, to: [.failed], from: .running, store)
            try move(3, to: [.cancelled], store)
            try expectEqual(try await counts(1, store), [1, 0, 1, 1, 1])
            let batch = try await find(1, store)
            try expectEqual(batch?.status, .running)
            try expectEqual(batch?.endTime, nil)
            try move(4, to: [.running, .completed], store)
            let ended = try await find(1, store)
            try expectEqual(ended?.status, .error)
            try expectEqual(ended?.endTime, Samples.timestamp(Samples.time(100)))
        },
        ConformanceCheck("a batch ends as its items did, or as stopped") { store in
            let cases: [([ExecutionStatus], Bool, BatchStatus)] = [
                ([.completed, .completed], false, .completed),
                ([.completed, .failed], false, .error),
                ([.completed, .cancelled], false, .stopped),
                ([.failed, .cancelled], false, .error),
                ([.failed, .cancelled], true, .stopped),
                ([.completed, .completed], true, .completed),
            ]
            for (index, (ends, isStopped, expected)) in cases.enumerated() {
                let number = Int64(index + 1)
                try insert(number, count: 2, into: store)
                if isStopped {
                    try store.put(.many(.batch(.stop(number, by: "token:a", reason: "enough"))))
                    try expectEqual(
                        try await store.many.stoppingBatches(limit: 9).map(\.number), [number])
                }
                for (item, end) in ends.enumerated() {
                    try move(number * 10 - 9 + Int64(item), to: [end], store)
                }
                try expectEqual(try await find(number, store)?.status, expected)
            }
            try expectEqual(try await store.many.stoppingBatches(limit: 9).map(\.number), [])
        },
        ConformanceCheck("items tell how their executions stand, also after those are erased") {
            store in
            try insert(1, count: 3, into: store)
            try move(2, to: [.running, .failed], store)
            func items(
                after position: Int32?, _ statuses: [ExecutionStatus],
                _ room: PageRoom = PageRoom(bytes: .max)
            ) async throws -> BatchItemPage {
                try await store.many.batchItems(1, after: position, statuses: statuses, room: room)
            }
            var page = try await items(after: nil, [])
            try expectEqual(page.items.map(\.position), [0, 1, 2])
            try expectEqual(page.items.map(\.status), [.queued, .failed, .queued])
            try expectEqual(page.hasMore, false)
            for room in [PageRoom(rows: 1, bytes: .max), PageRoom(bytes: 1)] {
                page = try await items(after: nil, [], room)
                try expectEqual(page.items.map(\.position), [0])
                try expectEqual(page.hasMore, true)
            }
            page = try await items(after: 0, [.queued])
            try expectEqual(page.items.map(\.executionNumber), [3])
            try store.put(.deleteExecution(ExecutionNumber(rawValue: 2)))
            page = try await items(after: 0, [.failed])
            try expectEqual(page.items.map(\.erased), [true])
            try expectEqual(page.items.first?.fileName, "1.json")
            try expectEqual(try await counts(1, store), [2, 0, 0, 1, 0])
        },
        ConformanceCheck("batches are listed newest first, by status, page and offset") { store in
            for number in 1...5 as ClosedRange<Int64> { try insert(number, count: 1, into: store) }
            try move(11, to: [.completed], store)
            try move(41, to: [.failed], store)
            let query = BatchQuery(workspaceID: "default", limit: 2)
            try expectEqual(try await store.many.batches(query).map(\.number), [5, 4])
            var next = query
            next.before = 4
            try expectEqual(try await store.many.batches(next).map(\.number), [3, 2])
            next.before = nil
            next.offset = 3
            try expectEqual(try await store.many.batches(next).map(\.number), [2, 1])
            let ended = BatchQuery(workspaceID: "default", statuses: [.completed, .error])
            try expectEqual(try await store.many.batches(ended).map(\.number), [5, 2])
            try expectEqual(try await store.many.batchCount(ended), 2)
            try expectEqual(
                try await store.many.batchCount(BatchQuery(workspaceID: "other")), 0)
        },
        ConformanceCheck(
            reopening: "a batch is found by its request, and its number is not used again"
        ) {
            factory in
            let store = try factory.open()
            try expectEqual(try store.many.nextBatchNumber(), 1)
            try insert(7, count: 1, requestID: "once", into: store)
            let found = try await store.many.batch(requestID: "once", workspaceID: "default")
            try expectEqual(found?.batch.number, 7)
            try expectEqual(found?.hash, [1, 2])
            try expectEqual(found?.batch.faults.map(\.errors), [["bad"]])
            try store.expectRefusal(
                .nameInUse, of: .many(.batch(.insert(row(8, count: 0, requestID: "once")))))
            try store.expectRefusal(.notFinal, of: .many(.batch(.delete(7))))
            try move(61, to: [.completed], store)
            try store.put(.many(.batch(.delete(7))))
            try expect(try await find(7, store) == nil)
            try expect(try await store.get(61) != nil, "its executions stay")
            store.close()
            let again = try factory.open()
            defer { again.close() }
            try expectEqual(try again.many.nextBatchNumber(), 8)
        },
    ]

    /// A batch of executions from `number * 10 - 9` on.
    private static func insert(
        _ number: Int64, count: Int64, requestID: String = "", into store: any Store
    ) throws {
        let row = row(number, count: count, requestID: requestID)
        try store.put(.many(.batch(.insert(row))))
        for item in row.items {
            var execution = Samples.execution(item.executionNumber, status: .queued)
            execution.execution.batchNumber = number
            try store.put(.insertExecution(execution))
        }
    }

    private static func row(_ number: Int64, count: Int64, requestID: String) -> BatchRow {
        BatchRow(
            batch: Batch(
                id: Samples.id(number), number: number, workspaceID: "default", podID: "default",
                status: .running, source: .files, total: Int32(count), queued: Int32(count),
                invalid: 1, faults: [BatchFault(index: 9, errors: ["bad"])], workers: 2,
                startTime: Samples.timestamp(Samples.time(number)), startedBy: "token:a"),
            items: (0..<count).map { position in
                let execution = number * 10 - 9 + position
                return BatchItem(
                    position: Int32(position), executionID: Samples.id(execution),
                    executionNumber: execution, workflowID: "order", fileName: "\(position).json",
                    status: .queued)
            }, requestID: requestID, requestHash: [1, 2])
    }

    private static func move(
        _ number: Int64, to statuses: [ExecutionStatus], from: ExecutionStatus = .queued,
        _ store: any Store
    ) throws {
        var row = Samples.execution(number, status: from)
        // Batch n has the executions from 10 n - 9 on.
        row.execution.batchNumber = (number + 9) / 10
        for status in statuses {
            let old = row.state
            row = row.with(
                status: status,
                endedAt: [.queued, .running, .suspended].contains(status) ? nil : Samples.time(100))
            try store.put(.updateExecution(row, from: old))
        }
    }

    private static func find(_ number: Int64, _ store: any Store) async throws -> Batch? {
        try await store.many.batch(
            .number(ExecutionNumber(rawValue: number)), workspaceID: "default")
    }

    private static func counts(_ number: Int64, _ store: any Store) async throws -> [Int32] {
        let batch = try await find(number, store) ?? Batch()
        let counts = [
            batch.queued, batch.running, batch.completed, batch.failed, batch.stopped,
        ]
        try expectEqual(counts.reduce(0, +), batch.total)
        return counts
    }
}
