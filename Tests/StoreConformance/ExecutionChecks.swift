internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension ConformanceCheck {
    static let executionChecks: [ConformanceCheck] = [
        ConformanceCheck("an execution is read back by number and by id, in its workspace only") {
            store in
            let row = Samples.execution(1)
            try store.put(.insertExecution(row))
            try expectEqual(try await store.get(1), row)
            guard let id = ExecutionID(row.execution.id) else { return try expect(false) }
            try expectEqual(try await store.execution(.id(id), workspaceID: "default"), row)
            try expectEqual(try await store.execution(.id(id), workspaceID: "other"), nil)
            try expectEqual(try await store.get(2), nil)
        },
        ConformanceCheck("every field of an execution is kept") { store in
            let row = fullRow(1)
            try store.put(.insertExecution(row))
            try expectEqual(try await store.get(1), row)
        },
        ConformanceCheck("an update replaces every mutable field, also by nothing") { store in
            let full = fullRow(1)
            var row = full.with(status: .running)
            row.execution.error = nil
            row.execution.interrupts = []
            row.execution.endedBy = ""
            row.execution.endReason = ""
            row.execution.nextWakeUp = ""
            row.execution.startTime = nil
            row.execution.lastSequence = 9
            row.wakeAt = nil
            try store.put(.insertExecution(full))
            try store.put(.updateExecution(row, from: full.state))
            try expectEqual(try await store.get(1), row)
            try store.put(.updateExecution(full, from: row.state))
            try expectEqual(try await store.get(1), full)
        },
        ConformanceCheck("an update within one state keeps the state") { store in
            var row = Samples.execution(1)
            try store.put(.insertExecution(row))
            row.execution.lastSequence = 7
            row.wakeAt = Samples.time(99)
            try store.put(.updateExecution(row, from: row.state))
            try expectEqual(try await store.get(1), row)
            try expectEqual(try await store.stateCounts(), [row.state: 1])
        },
        ConformanceCheck("a waiting execution is in a state of its own") { store in
            var row = Samples.execution(1)
            row.execution.waitingUntil = Samples.timestamp(Samples.time(60))
            try store.put(.insertExecution(row))
            try expectEqual(
                try await store.stateCounts(),
                [ExecutionState(status: .running, isWaiting: true): 1])
        },
        ConformanceCheck("an instant before 1970 is kept") { store in
            var row = Samples.execution(1)
            row.execution.createTime = Timestamp(nanosecondsSinceEpoch: -1_500_000_000)
            try store.put(.insertExecution(row))
            try expectEqual(try await store.get(1), row)
        },
        ConformanceCheck("an erased execution takes journal, inbox and requests along") { store in
            let row = Samples.execution(1, status: .completed)
            try store.put(
                .insertExecution(row), .appendJournal(Samples.journal(1, from: 1, ends: true)),
                .recordRequest(Samples.request(1, id: "a")),
                .insertInbox(InboxRow(recipient: row.number, body: [1])))
            try store.put(.insertExecution(Samples.execution(2)))
            try store.put(.deleteExecution(row.number))
            try expectEqual(try await store.get(1), nil)
            try expect(try await store.journal(row.number, after: 0, byteLimit: 100).isEmpty)
            try expect(try await store.inboxRecipients(after: nil, limit: 10).isEmpty)
            try expectEqual(
                try await store.request(
                    workspaceID: "default", method: "Trigger", requestID: "a"), nil)
            try expectEqual(try await store.count(ExecutionQuery(workspaceID: "default")), 1)
            try expectEqual(
                try await store.stateCounts(), [ExecutionState(status: .running): 1])
        },
        ConformanceCheck("numbers are never used twice, not even those of erased executions") {
            store in
            try expectEqual(try store.nextNumber().rawValue, 1)
            try store.put(.insertExecution(Samples.execution(7, status: .failed)))
            try expectEqual(try store.nextNumber().rawValue, 8)
            try store.put(.deleteExecution(ExecutionNumber(rawValue: 7)))
            try expectEqual(try store.nextNumber().rawValue, 8)
        },
        ConformanceCheck("the non-final holder of a key is found, and only it") { store in
            let ended = Samples.execution(1, status: .completed, key: "k")
            let active = Samples.execution(2, key: "k")
            try store.put(.insertExecution(ended))
            try store.put(.insertExecution(active))
            try store.put(.insertExecution(Samples.execution(3, workspaceID: "other", key: "k")))
            try expectEqual(
                try await store.execution(key: "k", workspaceID: "default"), active)
            try expectEqual(try await store.execution(key: "x", workspaceID: "default"), nil)
        },
    ]

    /// With a value in every field that a row holds.
    private static func fullRow(_ number: Int64) -> ExecutionRow {
        var row = Samples.execution(number, key: "order-\u{1F6A6}").with(
            status: .suspended, reason: .approval)
        row.execution.startTime = Samples.timestamp(Samples.time(1))
        row.execution.error = ExecutionError(
            code: "HTTP_STATUS", message: "status 500 \"quoted\"\u{0301}", nodePath: "call",
            detailsJSON: #"{"status":500}"#)
        row.execution.endedBy = "token:cancel"
        row.execution.endReason = "no longer needed"
        row.execution.priority = -100
        row.execution.sourceID = Samples.id(77)
        row.execution.parentID = Samples.id(78)
        row.execution.lastSequence = 12
        row.execution.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        row.execution.nextWakeUp = "waits for approve#1"
        row.execution.interrupts = [
            Interrupt(
                id: "approve#1", type: .approval, nodePath: "approve", nodeID: "approve",
                nodeName: "Approve", message: "Ship it?", assignees: ["ann", "ops"],
                schemaJSON: "{}", deadline: Samples.timestamp(Samples.time(500)),
                createTime: Samples.timestamp(Samples.time(2)))
        ]
        row.wakeAt = Samples.time(500)
        return row
    }
}
