internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension ConformanceCheck {
    static let wakeUpChecks: [ConformanceCheck] = [
        ConformanceCheck("wake-ups before an instant come soonest first") { store in
            for (number, second) in [(1, 30), (2, 10), (3, 20), (4, 40)] as [(Int64, Int64)] {
                var row = Samples.execution(number)
                row.wakeAt = Samples.time(second)
                try store.put(.insertExecution(row))
            }
            try store.put(.insertExecution(Samples.execution(5)))
            let wakeUps = try await store.wakeUps(before: Samples.time(40), limit: 10)
            try expectEqual(wakeUps.map(\.number.rawValue), [2, 3, 1])
            try expectEqual(wakeUps.first?.wakeAt, Samples.time(10))
            try expectEqual(
                try await store.wakeUps(before: Samples.time(99), limit: 2).map(\.number.rawValue),
                [2, 3])
        },
        ConformanceCheck("a wake-up that an update takes away is gone") { store in
            var row = Samples.execution(1)
            row.wakeAt = Samples.time(5)
            try store.put(.insertExecution(row))
            row.wakeAt = nil
            try store.put(.updateExecution(row, from: row.state))
            try expect(try await store.wakeUps(before: Samples.time(99), limit: 2).isEmpty)
        },
        ConformanceCheck("queued and running executions are found by number, others not") { store in
            let statuses: [ExecutionStatus] = [
                .queued, .running, .suspended, .completed, .failed, .cancelled, .running,
            ]
            for (index, status) in statuses.enumerated() {
                try store.put(.insertExecution(Samples.execution(Int64(index + 1), status: status)))
            }
            let all = try await store.unfinished(after: nil, limit: 10)
            try expectEqual(all.map(\.execution.number), [1, 2, 7])
            try expectEqual(all.first, Samples.execution(1, status: .queued))
            let rest = try await store.unfinished(after: ExecutionNumber(rawValue: 1), limit: 1)
            try expectEqual(rest.map(\.execution.number), [2])
        },
        ConformanceCheck("inbox rows are kept in order until they are folded") { store in
            let recipient = ExecutionNumber(rawValue: 1)
            try store.put(.insertExecution(Samples.execution(1)))
            for byte in [1, 2, 3] as [UInt8] {
                try store.put(.insertInbox(InboxRow(recipient: recipient, body: [byte])))
            }
            let rows = try await store.inbox(recipient, limit: 10)
            try expectEqual(rows.map(\.body), [[1], [2], [3]])
            try expectEqual(try await store.inboxRecipients(after: nil, limit: 10), [recipient])
            for row in rows { try store.put(.deleteInbox(row.id)) }
            try expect(try await store.inbox(recipient, limit: 10).isEmpty)
            try store.put(.insertInbox(InboxRow(recipient: recipient, body: [4])))
            let id = try await store.inbox(recipient, limit: 1).first?.id ?? 0
            try expect(rows.allSatisfy { $0.id < id }, "an id was used twice")
        },
        ConformanceCheck("a message to an erased execution is dropped, its sender is not refused") {
            store in
            try store.put(
                .insertExecution(Samples.execution(1)),
                .insertInbox(InboxRow(recipient: ExecutionNumber(rawValue: 9), body: [1])))
            try expect(try await store.inboxRecipients(after: nil, limit: 10).isEmpty)
        },
    ]

    static let requestChecks: [ConformanceCheck] = [
        ConformanceCheck("a request id is unique per workspace and method") { store in
            let record = Samples.request(1, id: "a")
            try store.put(.insertExecution(Samples.execution(1)), .recordRequest(record))
            try store.expectRefusal(
                .requestExists(record), of: .recordRequest(Samples.request(2, id: "a")))
            try store.put(.recordRequest(Samples.request(1, id: "a", method: "Cancel")))
            try store.put(
                .recordRequest(
                    RequestRecord(
                        workspaceID: "other", method: "Trigger", requestID: "a", hash: [],
                        number: ExecutionNumber(rawValue: 1))))
            try expectEqual(
                try await store.request(
                    workspaceID: "default", method: "Trigger", requestID: "a"), record)
            try expectEqual(
                try await store.request(
                    workspaceID: "default", method: "Trigger", requestID: "b"), nil)
        },
        ConformanceCheck("request ids expire after their execution's end, never before") { store in
            let rows = (1...3).map { Samples.execution($0) }
            for row in rows {
                let number = row.execution.number
                try store.put(
                    .insertExecution(row), .recordRequest(Samples.request(number, id: "\(number)")))
            }
            for row in rows.prefix(2) {
                let ended = row.with(
                    status: .completed, endedAt: Samples.time(row.execution.number * 100))
                try store.put(.updateExecution(ended, from: row.state))
            }
            // Recorded after the end.
            try store.put(.recordRequest(Samples.request(1, id: "1", method: "Cancel")))
            let later = Samples.time(150)
            try expectEqual(try await store.expireRequests(endedBefore: later, limit: 1), 1)
            try expectEqual(try await store.expireRequests(endedBefore: later, limit: 10), 1)
            try expectEqual(try await store.expireRequests(endedBefore: later, limit: 10), 0)
            let kept = try await ["1", "2", "3"].asyncMap { id in
                try await store.request(
                    workspaceID: "default", method: "Trigger", requestID: id) != nil
            }
            try expectEqual(kept, [false, true, true])
        },
    ]

    static let tokenChecks: [ConformanceCheck] = [
        ConformanceCheck("a token is found by its secret's hash and listed by id") { store in
            let rows = ["b", "a", "c"].map { Samples.token($0, name: "name-\($0)") }
            for row in rows { try store.put(.insertToken(row)) }
            try store.put(.insertToken(Samples.token("a", name: "name-a", workspaceID: "other")))
            try expectEqual(try await store.token(secretHash: rows[1].secretHash), rows[1])
            try expectEqual(try await store.token(secretHash: [1, 2]), nil)
            let first = try await store.tokens(workspaceID: "default", after: nil, limit: 2)
            try expectEqual(first.map(\.id), ["a", "b"])
            let rest = try await store.tokens(workspaceID: "default", after: "b", limit: 2)
            try expectEqual(rest, [rows[2].token])
        },
        ConformanceCheck("a name is free again once its token is revoked") { store in
            try store.put(.insertToken(Samples.token("a", name: "ci")))
            try store.expectRefusal(.nameInUse, of: .insertToken(Samples.token("b", name: "ci")))
            try store.put(
                .revokeToken(workspaceID: "default", idOrName: "ci", at: Samples.time(5)))
            let revoked = try await store.token(
                secretHash: Samples.token("a", name: "ci").secretHash)
            try expectEqual(revoked?.token.revokeTime, Samples.timestamp(Samples.time(5)))
            try store.put(.insertToken(Samples.token("b", name: "ci")))
            // A second revocation by id keeps the first instant.
            try store.put(.revokeToken(workspaceID: "default", idOrName: "a", at: Samples.time(9)))
            try expectEqual(
                try await store.tokens(workspaceID: "default", after: nil, limit: 1).first?
                    .revokeTime, Samples.timestamp(Samples.time(5)))
        },
        ConformanceCheck("only a token of the workspace is revoked") { store in
            try store.put(.insertToken(Samples.token("a", name: "ci")))
            for (workspace, name) in [("other", "a"), ("default", "x")] {
                try store.expectRefusal(
                    .notFound,
                    of: .revokeToken(workspaceID: workspace, idOrName: name, at: Samples.epoch))
            }
        },
    ]

    static let restartChecks: [ConformanceCheck] = [
        ConformanceCheck(reopening: "everything is there after the store was opened again") {
            factory in
            let row = Samples.execution(1, key: "k").with(status: .suspended, reason: .question)
            let first = try factory.open()
            try first.put(
                .insertExecution(row), .appendJournal(Samples.journal(1, from: 1, count: 2)),
                .recordRequest(Samples.request(1, id: "a")),
                .insertInbox(InboxRow(recipient: row.number, body: [7])))
            try first.put(.putWorkflow(Samples.workflow("w"), expectedLatest: nil))
            try first.put(.insertToken(Samples.token("t", name: "ci")))
            try first.put(.insertExecution(Samples.execution(2, status: .completed)))
            try first.put(.deleteExecution(ExecutionNumber(rawValue: 2)))
            first.close()

            let second = try factory.open()
            defer { second.close() }
            try expectEqual(try await second.get(1), row)
            try expectEqual(
                try await second.executions(ExecutionQuery(workspaceID: "default")).rows, [row])
            try expectEqual(try await second.count(ExecutionQuery(workspaceID: "default")), 1)
            try expectEqual(try second.nextNumber().rawValue, 3)
            try expectEqual(
                try await second.journal(row.number, after: 0, byteLimit: 1),
                [Samples.journal(1, from: 1, count: 2)])
            try second.expectConflict(.appendJournal(Samples.journal(1, from: 2)))
            try second.put(.appendJournal(Samples.journal(1, from: 3)))
            try second.expectRefusal(
                .keyInUse(row.number), of: .insertExecution(Samples.execution(3, key: "k")))
            try second.expectRefusal(
                .requestExists(Samples.request(1, id: "a")),
                of: .recordRequest(Samples.request(3, id: "a")))
            try expectEqual(try await second.inbox(row.number, limit: 2).map(\.body), [[7]])
            try expect(
                try await second.workflow("w", version: nil, workspaceID: "default") != nil)
            try expectEqual(
                try await second.tokens(workspaceID: "default", after: nil, limit: 9).count, 1)
        },
        ConformanceCheck(reopening: "a closed store fails, and does nothing else") { factory in
            let store = try factory.open()
            store.close()
            guard
                case .failed? = store.write([Commit([.insertExecution(Samples.execution(1))])])
                    .first
            else { return try expect(false) }
            do {
                _ = try await store.get(1)
                try expect(false, "a closed store answered")
            } catch is StoreError {}
            store.close()
        },
    ]
}
