import Messages
import Model
import Store

extension ConformanceCheck {
    private static func interrupt(
        _ sequence: Int64, type: InterruptType = .approval, at seconds: Int64 = 0,
        assignees: [String] = [], groups: [String] = [], deadline: Int64? = nil
    ) -> Interrupt {
        Interrupt(
            id: "n#\(sequence)", type: type, nodePath: "n", nodeID: "n", assignees: assignees,
            deadline: deadline.map { Samples.timestamp(Samples.time($0)) },
            createTime: Samples.timestamp(Samples.time(seconds)), groups: groups, sequence: sequence
        )
    }

    private static func row(
        _ number: Int64, _ interrupts: [Interrupt], workspaceID: String = "default",
        podID: String = "default", workflowID: String = "order"
    ) -> ExecutionRow {
        var row = Samples.execution(
            number, workspaceID: workspaceID, podID: podID, workflowID: workflowID
        ).with(status: .suspended, reason: .approval)
        row.execution.interrupts = interrupts
        return row
    }

    private static func found(_ store: any Store, _ query: InterruptQuery) async throws -> [String]
    {
        try await store.openInterrupts(query).interrupts.map {
            "\($0.executionNumber) \($0.interrupt?.id ?? "")"
        }
    }

    static let interruptChecks: [ConformanceCheck] = [
        ConformanceCheck("the inbox holds what executions show open, and follows their rows") {
            store in
            let first = row(1, [interrupt(4), interrupt(5, at: 1)])
            try store.put(.insertExecution(first))
            try store.put(.insertExecution(row(2, [interrupt(9, at: 2)], workspaceID: "other")))
            let all = InterruptQuery(workspaceID: "default")
            try expectEqual(try await found(store, all), ["1 n#5", "1 n#4"])
            var next = first
            next.execution.interrupts = [interrupt(5, at: 1), interrupt(8, at: 3)]
            try store.put(.updateExecution(next, from: first.state))
            try expectEqual(try await found(store, all), ["1 n#8", "1 n#5"])
            var ended = next.with(status: .cancelled, endedAt: Samples.time(9))
            ended.execution.interrupts = []
            try store.put(.updateExecution(ended, from: next.state))
            try expectEqual(try await found(store, all), [])
            let other = try await store.openInterrupts(InterruptQuery(workspaceID: "other"))
            try expectEqual(other.interrupts.first?.executionID, Samples.id(2))
            try expectEqual(other.interrupts.first?.workflowName, "Order")
            try expectEqual(other.interrupts.first?.triggeredBy, "token:test")
            try expectEqual(other.interrupts.first?.interrupt, interrupt(9, at: 2))
            try expectEqual(other.triggers, [2: row(2, []).execution.trigger])
        },
        ConformanceCheck("what has ended is in no inbox, and nothing is left of what is erased") {
            store in
            let open = row(1, [interrupt(4, groups: ["ops"])])
            try store.put(.insertExecution(open))
            try store.expectRefusal(
                .notFinal, of: .deleteExecution(ExecutionNumber(rawValue: 1)))
            let all = InterruptQuery(workspaceID: "default")
            try expectEqual(try await found(store, all), ["1 n#4"])
            var ended = open.with(status: .cancelled, endedAt: Samples.time(9))
            ended.execution.interrupts = []
            try store.put(.updateExecution(ended, from: open.state))
            try store.put(.expireExecution(ExecutionNumber(rawValue: 1)))
            let ops = InterruptQuery(workspaceID: "default", audience: [.group("ops")])
            for query in [all, ops] { try expectEqual(try await found(store, query), []) }
        },
        ConformanceCheck("open interrupts are found by whom they are meant for") { store in
            try store.put(
                .insertExecution(row(1, [interrupt(1, assignees: ["token:ada", "ops"])])),
                .insertExecution(row(2, [interrupt(1, assignees: ["token:bob"], groups: ["ops"])])),
                .insertExecution(row(3, [interrupt(1)])))
            func of(_ audience: Set<InterruptQuery.Audience>) -> InterruptQuery {
                InterruptQuery(workspaceID: "default", audience: audience)
            }
            try expectEqual(try await found(store, of([.assignee("token:ada")])), ["1 n#1"])
            try expectEqual(try await found(store, of([.group("ops")])), ["2 n#1"])
            try expectEqual(
                try await found(store, of([.group("ops"), .assignee("ops")])), ["2 n#1", "1 n#1"])
            // One that is meant for several names is listed once.
            try expectEqual(
                try await found(
                    store, of([.assignee("token:bob"), .group("ops"), .anybody])),
                ["3 n#1", "2 n#1"])
            try expectEqual(try await found(store, of([.assignee("nobody")])), [])
        },
        ConformanceCheck("open interrupts are found by type, workflow, pod and deadline, together")
        {
            store in
            try store.put(
                .insertExecution(row(1, [interrupt(1, deadline: 50)])),
                .insertExecution(row(2, [interrupt(1, type: .question)], workflowID: "ship")),
                .insertExecution(row(3, [interrupt(1, type: .pause, at: 9)], podID: "spare")))
            func query(_ change: (inout InterruptQuery) -> Void) -> InterruptQuery {
                var query = InterruptQuery(workspaceID: "default")
                change(&query)
                return query
            }
            try expectEqual(
                try await found(store, query { $0.types = [.question, .pause] }),
                ["3 n#1", "2 n#1"])
            try expectEqual(
                try await found(store, query { $0.workflowID = "ship" }), ["2 n#1"])
            try expectEqual(try await found(store, query { $0.podID = "spare" }), ["3 n#1"])
            try expectEqual(
                try await found(store, query { $0.deadlineBefore = Samples.time(51) }), ["1 n#1"])
            try expectEqual(
                try await found(store, query { $0.deadlineBefore = Samples.time(50) }), [])
            try expectEqual(
                try await found(
                    store,
                    query {
                        $0.types = [.question]
                        $0.workflowID = "ship"
                        $0.audience = [.anybody]
                        $0.podID = "default"
                    }), ["2 n#1"])
        },
        ConformanceCheck("pages of open interrupts follow each other without gap or repeat") {
            store in
            var expected: [String] = []
            for number in Int64(1)...20 {
                // Several at one instant, and several of one execution.
                let interrupts = [
                    interrupt(1, at: number / 3, groups: ["g"]), interrupt(2, at: number / 3),
                ]
                try store.put(.insertExecution(row(number, interrupts)))
                expected += ["\(number) n#1", "\(number) n#2"]
            }
            for audience in [[], [InterruptQuery.Audience.group("g"), .anybody]] {
                var query = InterruptQuery(
                    workspaceID: "default", audience: Set(audience), limit: 7)
                var seen: [String] = []
                repeat {
                    let page = try await store.openInterrupts(query)
                    seen += page.interrupts.map {
                        "\($0.executionNumber) \($0.interrupt?.id ?? "")"
                    }
                    query.after = page.next
                } while query.after != nil
                try expectEqual(seen, expected.reversed())
            }
        },
        ConformanceCheck("a page of open interrupts ends where its bytes are full, and goes on") {
            store in
            for number in Int64(1)...4 {
                var large = interrupt(1, at: number, groups: ["g"])
                large.message = String(repeating: "x", count: 10_000)
                try store.put(.insertExecution(row(number, [large])))
            }
            for audience in [[], [InterruptQuery.Audience.group("g"), .anybody]] {
                for (bytes, expected) in [
                    (25_000, [["4 n#1", "3 n#1"], ["2 n#1", "1 n#1"]]),
                    (1, [["4 n#1"], ["3 n#1"], ["2 n#1"], ["1 n#1"]]),
                ] {
                    var query = InterruptQuery(
                        workspaceID: "default", audience: Set(audience), bytesMax: bytes)
                    var pages: [[String]] = []
                    repeat {
                        let page = try await store.openInterrupts(query)
                        pages.append(
                            page.interrupts.map {
                                "\($0.executionNumber) \($0.interrupt?.id ?? "")"
                            })
                        query.after = page.next
                    } while query.after != nil
                    try expectEqual(pages, expected)
                }
            }
        },
    ]
}
