internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

/// Lists, counts and gets against a plain dictionary of rows.
extension ConformanceCheck {
    static let listChecks: [ConformanceCheck] =
        [
            ConformanceCheck("an empty workspace lists and counts nothing") { store in
                let page = try await store.executions(ExecutionQuery(workspaceID: "default"))
                try expect(page.rows.isEmpty && page.next == nil)
                try expectEqual(try await store.count(ExecutionQuery(workspaceID: "default")), 0)
            },
            ConformanceCheck("executions of one instant are listed by number, none skipped") {
                store in
                var rows = (1...20).map { Samples.execution($0) }
                for index in rows.indices {
                    rows[index].execution.createTime = Samples.timestamp(Samples.epoch)
                    rows[index] = rows[index].with(
                        status: index % 3 == 0 ? .completed : .running)
                    try store.put(.insertExecution(rows[index]))
                }
                let read = try await store.allPages(
                    ExecutionQuery(workspaceID: "default", limit: 3))
                try expectEqual(read, rows.reversed())
            },
            ConformanceCheck("paging goes on where it was while executions come and change") {
                store in
                for number in 1...30 {
                    try store.put(.insertExecution(Samples.execution(Int64(number))))
                }
                var query = ExecutionQuery(workspaceID: "default", limit: 7)
                var numbers: [Int64] = []
                for step in 0... {
                    let page = try await store.executions(query)
                    numbers += page.rows.map(\.execution.number)
                    guard let next = page.next else { break }
                    query.after = next
                    try store.put(.insertExecution(Samples.execution(Int64(100 + step))))
                    let row = Samples.execution(Int64(30 - step))
                    try store.put(.updateExecution(row.with(status: .failed), from: row.state))
                }
                try expectEqual(numbers, (1...30).reversed().map(Int64.init))
            },
            ConformanceCheck(
                "a slim list has the newest interrupt without its texts, and no details"
            ) {
                store in
                var row = Samples.execution(1).with(status: .suspended)
                row.execution.interrupts = [2, 1].map { seconds in
                    Interrupt(
                        id: "\(seconds)", type: .approval, nodeID: "n", message: "long",
                        schemaJSON: "{}", createTime: Samples.timestamp(Samples.time(seconds)),
                        sequence: seconds)
                }
                row.execution.error = ExecutionError(
                    code: "NO", message: "no", detailsJSON: #"{"a":1}"#)
                try store.put(.insertExecution(row))
                var query = ExecutionQuery(workspaceID: "default")
                try expectEqual(try await store.executions(query).rows, [row])
                query.detail = .slim
                row.execution.interrupts = [
                    Interrupt(
                        id: "2", type: .approval, nodeID: "n",
                        createTime: Samples.timestamp(Samples.time(2)), sequence: 2)
                ]
                row.execution.error?.detailsJSON = ""
                try expectEqual(try await store.executions(query).rows, [row])
            },
            ConformanceCheck(
                "a page of what lists show ends early, without the data of votes, and goes on"
            ) { store in
                for number in 1...4 {
                    var row = Samples.execution(Int64(number)).with(status: .suspended)
                    row.execution.interrupts = [
                        Interrupt(
                            id: "a#1", message: String(repeating: "x", count: 4_000),
                            votes: [
                                Vote(
                                    principal: "a",
                                    dataJSON: "\"\(String(repeating: "y", count: 9_000))\"")
                            ])
                    ]
                    try store.put(.insertExecution(row))
                }
                var query = ExecutionQuery(workspaceID: "default", limit: 3)
                query.detail = .listed(bytesMax: 9_500)
                var found: [[Int64]] = []
                repeat {
                    let page = try await store.executions(query)
                    found.append(page.rows.map(\.execution.number))
                    let votes = page.rows.flatMap { $0.execution.interrupts.flatMap(\.votes) }
                    try expectEqual(votes.map(\.dataJSON), page.rows.map { _ in "" })
                    query.after = page.next
                } while query.after != nil
                try expectEqual(found, [[4, 3], [2, 1]])
                query.detail = .listed(bytesMax: 1)
                try expectEqual(try await store.executions(query).rows.map(\.number.rawValue), [4])
                query.detail = .listed(bytesMax: 1 << 20)
                try expectEqual(try await store.executions(query).rows.count, 3)
            },
            ConformanceCheck("a page that is told by its number leaves out what is before it") {
                store in
                for number in 1...20 {
                    let status: ExecutionStatus = number % 2 == 0 ? .completed : .running
                    try store.put(
                        .insertExecution(Samples.execution(Int64(number), status: status)))
                }
                for (skip, numbers) in [
                    (0, [20, 19, 18]), (7, [13, 12, 11]), (18, [2, 1]), (25, []),
                ] {
                    var query = ExecutionQuery(workspaceID: "default", limit: 3)
                    query.skip = skip
                    let page = try await store.executions(query)
                    try expectEqual(page.rows.map { Int($0.execution.number) }, numbers)
                    try expectEqual(page.next != nil, skip < 17)
                }
            },
            ConformanceCheck("a list begins below a number that need not exist") { store in
                for number in [1, 2, 3, 5, 6] {
                    try store.put(.insertExecution(Samples.execution(Int64(number))))
                }
                var query = ExecutionQuery(workspaceID: "default")
                query.below = ExecutionNumber(rawValue: 4)
                let page = try await store.executions(query)
                try expectEqual(page.rows.map(\.execution.number), [3, 2, 1])
                try expectEqual(try await store.count(query), 3)
            },
            ConformanceCheck("a range of starts finds those that started in it, no queued ones") {
                store in
                for number in 1...6 {
                    var row = Samples.execution(Int64(number))
                    row.execution.startTime =
                        number == 6 ? nil : Samples.timestamp(Samples.time(Int64(number)))
                    try store.put(.insertExecution(row))
                }
                var query = ExecutionQuery(workspaceID: "default")
                query.startedFrom = Samples.time(2)
                try expectEqual(
                    try await store.executions(query).rows.map(\.execution.number), [5, 4, 3, 2])
                query.startedBefore = Samples.time(4)
                try expectEqual(
                    try await store.executions(query).rows.map(\.execution.number), [3, 2])
                try expectEqual(try await store.count(query), 2)
            },
            ConformanceCheck("the count of nodes is kept with the row") { store in
                var row = Samples.execution(1)
                row.execution.nodeCount = 2
                try store.put(.insertExecution(row))
                var ended = row.with(status: .completed)
                ended.execution.nodeCount = 7
                try store.put(.updateExecution(ended, from: row.state))
                let read = try await store.execution(
                    .number(ExecutionNumber(rawValue: 1)), workspaceID: "default")
                try expectEqual(read?.execution.nodeCount, 7)
            },
            ConformanceCheck("text in an error is found literally, ASCII case ignored") { store in
                let messages = [
                    "connection refused by 10.0.0.1", "CONNECTION reset", "100% lost",
                    "100 lost", "under_score", "underXscore", "back\\slash", "\u{DC}mlaut",
                ]
                for (index, message) in messages.enumerated() {
                    var row = Samples.execution(Int64(index + 1), status: .failed)
                    row.execution.error = ExecutionError(code: "X", message: message)
                    try store.put(.insertExecution(row))
                }
                try store.put(.insertExecution(Samples.execution(99)))
                for (text, numbers) in [
                    ("Connection", [2, 1]), ("0%", [3]), ("r_s", [5]), ("k\\s", [7]), ("t r", []),
                    ("n r", [2, 1]), ("\u{DC}M", [8]), ("\u{FC}m", []),
                ] {
                    let query = ExecutionQuery(
                        workspaceID: "default", filter: ExecutionFilter(errorContains: text))
                    let read = try await store.allPages(query).map { Int($0.execution.number) }
                    try expect(read == numbers, "\(text): \(read)")
                    try expectEqual(try await store.count(query), Int64(numbers.count))
                }
            },
        ]
        + (1...4).map { seed in
            ConformanceCheck("lists agree with gets and counts, seed \(seed)") { store in
                var model = ListModel(seed: UInt64(seed))
                try await model.run(on: store)
            }
        }
}

extension Store {
    /// All pages of a list, each row as a get sees it.
    func allPages(_ query: ExecutionQuery) async throws -> [ExecutionRow] {
        var query = query
        var rows: [ExecutionRow] = []
        while true {
            let page = try await executions(query)
            try expect(page.rows.count <= query.limit, "\(page.rows.count) rows")
            try expect(page.next == nil || page.rows.count == query.limit, "a short page goes on")
            rows += page.rows
            guard let next = page.next else { return rows }
            query.after = next
        }
    }
}

/// Does the same to a store and to a dictionary, and compares what both list.
private struct ListModel {
    private static let workspaces = ["default", "other"]
    private static let pods = ["default", "west"]
    private static let workflows = ["order", "invoice", "we\"ird\\"]
    private static let keys = ["k1", "k2", "k3"]
    private static let states: [(ExecutionStatus, ExecutionReason)] = [
        (.queued, .unspecified), (.running, .unspecified), (.suspended, .approval),
        (.suspended, .pause), (.completed, .unspecified), (.failed, .nodeFailed),
        (.failed, .rejected), (.cancelled, .unspecified),
    ]

    private var random: SplitMix64
    private var rows: [Int64: ExecutionRow] = [:]

    init(seed: UInt64) {
        random = SplitMix64(state: seed)
    }

    mutating func run(on store: any Store) async throws {
        for round in 1...4 {
            for _ in 1...6 {
                let group = (1...12).map { _ in step() }
                let outcomes = store.write(group.map(\.commit))
                for (step, outcome) in zip(group, outcomes) {
                    try expect(
                        outcome.isCommitted == step.isExpected,
                        "round \(round): \(step.commit) gave \(outcome)")
                }
            }
            for row in rows.values {
                try expectEqual(try await store.get(row.execution.number), row)
            }
            for _ in 1...60 { try await compare(store) }
        }
        var counts: [ExecutionState: Int64] = [:]
        for row in rows.values { counts[row.state, default: 0] += 1 }
        try expectEqual(try await store.stateCounts().filter { $0.value != 0 }, counts)
    }

    private struct Step {
        let commit: Commit
        let isExpected: Bool
    }

    private mutating func step() -> Step {
        let numbers = rows.keys.sorted()
        switch random.below(10) {
        case 0..<5: return insert()
        case 5..<9:
            guard let number = random.element(numbers), let row = rows[number] else {
                return insert()
            }
            return update(row)
        default:
            guard let number = random.element(numbers), let row = rows[number] else {
                return insert()
            }
            let isFinal = row.execution.status.isFinal
            if isFinal { rows[number] = nil }
            return Step(commit: Commit([.deleteExecution(row.number)]), isExpected: isFinal)
        }
    }

    private mutating func insert() -> Step {
        let number = Int64(1_000 + random.below(1_000_000))
        guard rows[number] == nil else { return insert() }
        var row = Samples.execution(
            number, workspaceID: random.pick(Self.workspaces), podID: random.pick(Self.pods),
            workflowID: random.pick(Self.workflows),
            key: random.below(3) == 0 ? random.pick(Self.keys) : "")
        // Few days and seconds, so that many are equal.
        let seconds = Int64(random.below(5)) * 86_400 + Int64(random.below(3)) * 40_000
        row.execution.createTime = Samples.timestamp(Samples.time(seconds))
        row.execution.trigger = random.pick([.api, .manual, .schedule])
        row.execution.sourceID = random.below(4) == 0 ? Samples.id(1) : ""
        enter(random.pick(Self.states), &row)
        let isTaken = holdsKey(row)
        if !isTaken { rows[number] = row }
        return Step(
            commit: Commit([
                .insertExecution(row), .appendJournal(Samples.journal(number, from: 1)),
            ]), isExpected: !isTaken)
    }

    private mutating func update(_ old: ExecutionRow) -> Step {
        var row = old
        let states = Self.states.filter { state in
            // A final execution stays final, so that no key is taken behind the store's back.
            !old.execution.status.isFinal || state.0.isFinal
        }
        enter(random.pick(states), &row)
        rows[row.execution.number] = row
        return Step(commit: Commit([.updateExecution(row, from: old.state)]), isExpected: true)
    }

    private mutating func enter(
        _ state: (ExecutionStatus, ExecutionReason), _ row: inout ExecutionRow
    ) {
        row = row.with(status: state.0, reason: state.1)
        let waits = state.0 == .running && random.below(2) == 0
        row.execution.waitingUntil = waits ? Samples.timestamp(Samples.time(9_999)) : nil
        row.execution.error =
            state.0 == .failed
            ? ExecutionError(code: "X", message: random.pick(["Time out", "refused", "no time"]))
            : nil
    }

    private func holdsKey(_ row: ExecutionRow) -> Bool {
        guard !row.execution.key.isEmpty, !row.execution.status.isFinal else { return false }
        return rows.values.contains {
            $0.execution.key == row.execution.key && !$0.execution.status.isFinal
                && $0.execution.workspaceID == row.execution.workspaceID
        }
    }

    // MARK: Comparing

    private mutating func compare(_ store: any Store) async throws {
        let query = query()
        let expected = rows.values.filter { matches($0.execution, query) }.sorted { left, right in
            let (l, r) = (left.execution, right.execution)
            return (l.createTime?.seconds ?? 0, l.number) > (r.createTime?.seconds ?? 0, r.number)
        }
        let read = try await store.allPages(query)
        try expect(
            read == expected,
            "\(query): \(read.map(\.execution.number)), not \(expected.map(\.execution.number))")
        let count = try await store.count(query)
        try expect(count == Int64(expected.count), "\(query): \(count), not \(expected.count)")
    }

    private mutating func query() -> ExecutionQuery {
        var filter = ExecutionFilter()
        if random.below(2) == 0 {
            filter.states = (0...random.below(2)).map { _ in
                let state = random.pick(Self.states)
                return StateFilter(
                    status: state.0, reason: random.below(2) == 0 ? state.1 : .unspecified,
                    waiting: state.0 == .running
                        ? random.pick([.unspecified, .yes, .no]) : .unspecified)
            }
        }
        if random.below(3) == 0 {
            filter.workflowIDs = (0...random.below(2)).map { _ in
                random.pick(Self.workflows + ["none"])
            }
        }
        if random.below(3) == 0 { filter.createdFrom = instant() }
        if random.below(3) == 0 { filter.createdBefore = instant() }
        if random.below(4) == 0 {
            filter.triggers = random.pick([[.schedule], [.api, .manual], [.batch]])
        }
        if random.below(6) == 0 { filter.errorContains = random.pick(["TIME", "time o", "x"]) }
        if random.below(6) == 0 { filter.sourceID = Samples.id(1) }
        if random.below(6) == 0 { filter.key = random.pick(Self.keys) }
        return ExecutionQuery(
            workspaceID: random.pick(Self.workspaces),
            podID: random.below(3) == 0 ? random.pick(Self.pods) : nil, filter: filter,
            limit: 1 + random.below(12))
    }

    private mutating func instant() -> Timestamp {
        Samples.timestamp(Samples.time(Int64(random.below(12)) * 40_000))
    }

    private func matches(_ execution: Execution, _ query: ExecutionQuery) -> Bool {
        let filter = query.filter
        let created = execution.createTime ?? Timestamp()
        return execution.workspaceID == query.workspaceID
            && (query.podID ?? execution.podID) == execution.podID
            && (filter.states.isEmpty || filter.states.contains { matches(execution, $0) })
            && (filter.workflowIDs.isEmpty || filter.workflowIDs.contains(execution.workflowID))
            && created >= filter.createdFrom ?? created
            && (filter.createdBefore.map { created < $0 } ?? true)
            && (filter.triggers.isEmpty || filter.triggers.contains(execution.trigger))
            && (filter.sourceID.isEmpty || filter.sourceID == execution.sourceID)
            && (filter.key.isEmpty || filter.key == execution.key)
            && (filter.errorContains.isEmpty
                || (execution.error?.message.lowercased() ?? "")
                    .contains(filter.errorContains.lowercased()))
    }

    private func matches(_ execution: Execution, _ filter: StateFilter) -> Bool {
        let isWaiting = execution.waitingUntil != nil
        return filter.status == execution.status
            && (filter.reason == .unspecified || filter.reason == execution.reason)
            && (filter.waiting == .unspecified || (filter.waiting == .yes) == isWaiting)
    }
}

/// A generator whose seed names the whole run (https://prng.di.unimi.it/splitmix64.c).
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func element<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }
}
