internal import Messages
internal import Model
internal import Store

extension ConformanceCheck {
    static let refusalChecks: [ConformanceCheck] = [
        ConformanceCheck("a key in use refuses a second non-final execution and names the holder") {
            store in
            try store.put(.insertExecution(Samples.execution(1, key: "k")))
            try store.expectRefusal(
                .keyInUse(ExecutionNumber(rawValue: 1)),
                of: .insertExecution(Samples.execution(2, key: "k")))
            try store.put(.insertExecution(Samples.execution(3, workspaceID: "other", key: "k")))
            try expectEqual(try await store.get(2), nil)
        },
        ConformanceCheck("a key is free again once its holder is final") { store in
            let row = Samples.execution(1, key: "k")
            try store.put(.insertExecution(row))
            try store.put(.updateExecution(row.with(status: .completed), from: row.state))
            try store.put(.insertExecution(Samples.execution(2, key: "k")))
        },
        ConformanceCheck("an update of an execution that is not there is refused") { store in
            let row = Samples.execution(1)
            try store.expectRefusal(.notFound, of: .updateExecution(row, from: row.state))
        },
        ConformanceCheck("an update from a state that the row is not in changes nothing") {
            store in
            let row = Samples.execution(1)
            try store.put(.insertExecution(row))
            try store.expectConflict(
                .updateExecution(
                    row.with(status: .completed), from: ExecutionState(status: .queued)))
            try expectEqual(try await store.get(1), row)
            try expectEqual(try await store.stateCounts(), [row.state: 1])
        },
        ConformanceCheck("a number or an id that is taken is a conflict") { store in
            try store.put(.insertExecution(Samples.execution(1)))
            try store.expectConflict(.insertExecution(Samples.execution(1)))
            var sameID = Samples.execution(2)
            sameID.execution.id = Samples.id(1)
            try store.expectConflict(.insertExecution(sameID))
            try expectEqual(try await store.stateCounts().values.reduce(0, +), 1)
        },
        ConformanceCheck("an execution without an id or a creation time is a conflict") { store in
            var row = Samples.execution(1)
            row.execution.id = "not a uuid"
            try store.expectConflict(.insertExecution(row))
            row = Samples.execution(1)
            row.execution.createTime = nil
            try store.expectConflict(.insertExecution(row))
        },
        ConformanceCheck("an unknown status is a conflict") { store in
            var row = Samples.execution(1)
            row.execution.status = .unrecognized(42)
            try store.expectConflict(.insertExecution(row))
        },
        ConformanceCheck("only final executions are erased") { store in
            try store.put(.insertExecution(Samples.execution(1)))
            try store.expectRefusal(
                .notFinal, of: .deleteExecution(ExecutionNumber(rawValue: 1)))
            try store.expectRefusal(
                .notFound, of: .deleteExecution(ExecutionNumber(rawValue: 2)))
        },
    ]

    static let groupChecks: [ConformanceCheck] = [
        ConformanceCheck("a refused commit concerns no other of its group") { store in
            try store.put(.insertExecution(Samples.execution(1, key: "k")))
            let outcomes = store.write([
                Commit([.insertExecution(Samples.execution(2))]),
                Commit([.insertExecution(Samples.execution(3, key: "k"))]),
                Commit([.insertExecution(Samples.execution(4))]),
            ])
            try expect(outcomes.map(\.isCommitted) == [true, false, true], "\(outcomes)")
            try expectEqual(try await store.count(ExecutionQuery(workspaceID: "default")), 3)
        },
        ConformanceCheck("a commit that fails after it changed something leaves nothing behind") {
            store in
            let outcomes = store.write([
                Commit([
                    .insertExecution(Samples.execution(1)),
                    .appendJournal(Samples.journal(1, from: 1)),
                ]),
                Commit([
                    .insertExecution(Samples.execution(2)),
                    .appendJournal(Samples.journal(2, from: 1)),
                    .recordRequest(Samples.request(2, id: "a")),
                    .appendJournal(Samples.journal(2, from: 9)),
                ]),
                Commit([
                    .insertExecution(Samples.execution(3)),
                    .appendJournal(Samples.journal(3, from: 1)),
                    .recordRequest(Samples.request(3, id: "a")),
                ]),
                Commit([.appendJournal(Samples.journal(1, from: 2))]),
            ])
            try expect(outcomes.map(\.isCommitted) == [true, false, true, true], "\(outcomes)")
            try expectEqual(try await store.get(2), nil)
            let journals = try await [1, 2, 3].asyncMap { number in
                try await store.journal(
                    ExecutionNumber(rawValue: number), after: 0, byteLimit: 1_000
                ).count
            }
            try expectEqual(journals, [2, 0, 1])
            try expectEqual(
                try await store.request(
                    workspaceID: "default", method: "Trigger", requestID: "a")?.number.rawValue, 3)
            try expectEqual(
                try await store.stateCounts(), [ExecutionState(status: .running): 2])
        },
        ConformanceCheck("of two commits with one key in a group the first wins") { store in
            let outcomes = store.write([
                Commit([
                    .insertExecution(Samples.execution(1, key: "k")),
                    .appendJournal(Samples.journal(1, from: 1)),
                ]),
                Commit([
                    .insertExecution(Samples.execution(2, key: "k")),
                    .appendJournal(Samples.journal(2, from: 1)),
                ]),
            ])
            guard case .refused(.keyInUse(let holder)) = outcomes[1] else {
                return try expect(false, "\(outcomes)")
            }
            try expectEqual(holder.rawValue, 1)
            try expect(outcomes[0].isCommitted)
        },
        ConformanceCheck("of two commits with one request id in a group the first wins") { store in
            let outcomes = store.write(
                [1, 2].map { number in
                    Commit([
                        .insertExecution(Samples.execution(number)),
                        .recordRequest(Samples.request(number, id: "a")),
                    ])
                })
            guard case .refused(.requestExists(let record)) = outcomes[1] else {
                return try expect(false, "\(outcomes)")
            }
            try expectEqual(record, Samples.request(1, id: "a"))
            try expectEqual(try await store.get(2), nil)
        },
        ConformanceCheck("a commit sees what the commits before it in the group wrote") { store in
            let row = Samples.execution(1)
            let ended = row.with(status: .completed, endedAt: Samples.time(2))
            let outcomes = store.write([
                Commit([.insertExecution(row), .appendJournal(Samples.journal(1, from: 1))]),
                Commit([.appendJournal(Samples.journal(1, from: 2, count: 3))]),
                Commit([
                    .updateExecution(ended, from: row.state),
                    .appendJournal(Samples.journal(1, from: 5, ends: true)),
                ]),
                Commit([.deleteExecution(row.number)]),
                Commit([.deleteExecution(row.number)]),
            ])
            try expect(
                outcomes.map(\.isCommitted) == [true, true, true, true, false], "\(outcomes)")
            try expect(try await store.stateCounts().values.allSatisfy { $0 == 0 })
        },
        ConformanceCheck("an empty group and an empty commit are written") { store in
            try expect(store.write([]).isEmpty)
            try store.put()
        },
    ]
}

extension CommitOutcome {
    package var isCommitted: Bool {
        if case .committed = self { true } else { false }
    }
}

extension Array {
    func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result]
    {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
