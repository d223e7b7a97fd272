import Messages
import Model
import Store

extension ConformanceCheck {
    static let manyChecks: [ConformanceCheck] =
        tagChecks + batchChecks + [
            ConformanceCheck("members of groups are known with their groups until they are final") {
                store in
                let groups = [
                    ConcurrencyGroup(name: "a", limit: 2), ConcurrencyGroup(name: "b", limit: 1),
                ]
                for (number, status) in [(1, .queued), (2, .running)] as [(Int64, ExecutionStatus)]
                {
                    var row = Samples.execution(number, status: status)
                    row.execution.concurrencyKey = "k"
                    if status == .running {
                        row.execution.startTime = Samples.timestamp(Samples.epoch)
                    }
                    try store.put(.insertExecution(row), .many(.joinGroups(row.number, groups)))
                }
                let all = try await store.many.groupMembers(after: nil, limit: 10)
                try expectEqual(all.map(\.number.rawValue), [1, 2])
                try expectEqual(all.map(\.hasStarted), [false, true])
                try expectEqual(all.map(\.groups), [groups, groups])
                let first = try await store.many.groupMembers(after: nil, limit: 1)
                try expectEqual(first.map(\.number.rawValue), [1])
                let row = try await store.get(2)
                guard let ended = row?.with(status: .completed, endedAt: Samples.time(9)) else {
                    throw ConformanceFailure(description: "execution 2 is gone")
                }
                try store.put(.updateExecution(ended, from: ExecutionState(status: .running)))
                let left = try await store.many.groupMembers(after: nil, limit: 10)
                try expectEqual(left.map(\.number.rawValue), [1])
            },
            ConformanceCheck(
                "an inline definition is kept once, unlisted, and goes with its last execution"
            ) {
                store in
                let id = InlineWorkflow.idPrefix + "1"
                for number in 1...2 as ClosedRange<Int64> {
                    var row = Samples.execution(number, workflowID: id, status: .completed)
                    row.execution.endTime = Samples.timestamp(Samples.time(9))
                    try store.put(
                        .many(.keepInline(Samples.workflow(id, definition: "{1}"))),
                        .insertExecution(row))
                }
                let kept = try await store.workflow(id, version: 1, workspaceID: "default")
                try expectEqual(kept?.definitionJSON, "{1}")
                try expectEqual(kept?.latestVersion, 1)
                let listed = try await store.workflows(
                    workspaceID: "default", podID: nil, after: nil, limit: 10)
                try expectEqual(listed.map(\.id), [])
                try store.put(.deleteExecution(ExecutionNumber(rawValue: 1)))
                try expect(try await store.workflow(id, version: 1, workspaceID: "default") != nil)
                try store.put(.deleteExecution(ExecutionNumber(rawValue: 2)))
                try expect(try await store.workflow(id, version: 1, workspaceID: "default") == nil)
            },
        ]

    private static let tagChecks: [ConformanceCheck] = [
        ConformanceCheck("ids and names of a workspace's tags are all different") { store in
            try store.put(tag("red", name: "Red"))
            for other in [tag("red", name: "x"), tag("x", name: "Red"), tag("Red", name: "x")] {
                try store.expectRefusal(.nameInUse, of: other)
            }
            try store.put(tag("blue", name: "Blue"))
            try store.put(tag("red", name: "Red", workspaceID: "other"))
            try store.expectRefusal(.tooMany, of: tag("green", name: "Green", limit: 2))
            let rename = { (id: String, name: String) in
                Change.many(
                    .tag(
                        .rename(
                            tagID: id, workspaceID: "default", name: name, at: Samples.time(5))))
            }
            try store.expectRefusal(.nameInUse, of: rename("red", "blue"))
            try store.expectRefusal(.notFound, of: rename("none", "new"))
            try store.put(rename("red", "Crimson"))
            let tag = try await store.many.tag("Crimson", workspaceID: "default")
            try expectEqual(tag?.id, "red")
            try expectEqual(tag?.updateTime, Samples.timestamp(Samples.time(5)))
            let names = try await store.many.tags(workspaceID: "default", after: "Blue", limit: 9)
            try expectEqual(names.map(\.name), ["Crimson"])
        },
        ConformanceCheck("lists and counts filter by all tags that are named") { store in
            for id in ["a", "b"] { try store.put(tag(id, name: id.uppercased())) }
            for number in 1...3 as ClosedRange<Int64> {
                try store.put(.insertExecution(Samples.execution(number)))
            }
            try store.put(set(1, add: ["a"]), set(2, add: ["a", "b"]), set(3, add: ["b"]))
            for (tags, expected) in [(["a"], [2, 1]), (["b"], [3, 2]), (["a", "b"], [2])]
                as [([String], [Int64])]
            {
                let query = ExecutionQuery(
                    workspaceID: "default", filter: ExecutionFilter(tags: tags))
                let page = try await store.executions(query)
                try expectEqual(page.rows.map(\.execution.number), expected)
                try expectEqual(try await store.count(query), Int64(expected.count))
                var narrowed = query
                narrowed.filter.states = [StateFilter(status: .failed)]
                try expectEqual(try await store.count(narrowed), 0)
            }
            var paged = ExecutionQuery(
                workspaceID: "default", filter: ExecutionFilter(tags: ["b"]), limit: 1)
            let first = try await store.executions(paged)
            paged.after = first.next
            let second = try await store.executions(paged)
            try expectEqual(second.rows.map(\.execution.number), [2])
            try expectEqual(second.rows.first?.execution.tags.map(\.name), ["A", "B"])
        },
        ConformanceCheck("tags are set, replaced and taken away, and their counts follow") {
            store in
            for id in ["a", "b", "c"] { try store.put(tag(id, name: id)) }
            try store.put(.insertExecution(Samples.execution(1, status: .completed)))
            try store.put(set(1, add: ["a", "b"]))
            try store.put(set(1, add: ["c"], remove: ["a", "a"]))
            try expectEqual(try await tags(1, store), ["b", "c"])
            try store.expectRefusal(.tooMany, of: set(1, add: ["a"], limit: 2))
            try store.expectRefusal(.notFound, of: set(1, add: ["none"]))
            try store.expectRefusal(.notFound, of: set(9, add: ["a"]))
            try store.put(set(1, add: ["a"], replacing: true))
            try expectEqual(try await tags(1, store), ["a"])
            let counts = try await store.many.tags(workspaceID: "default", after: nil, limit: 9)
            try expectEqual(counts.map(\.executionCount), [1, 0, 0])
            try store.put(.deleteExecution(ExecutionNumber(rawValue: 1)))
            let after = try await store.many.tag("a", workspaceID: "default")
            try expectEqual(after?.executionCount, 0)
        },
        ConformanceCheck("a deleted tag is on no execution any more, also when taken away in steps")
        {
            store in
            try store.put(tag("a", name: "a"))
            for number in 1...5 as ClosedRange<Int64> {
                try store.put(.insertExecution(Samples.execution(number)), set(number, add: ["a"]))
            }
            try store.put(
                .many(.tag(.shrink(tagID: "a", workspaceID: "default", limit: 2))))
            try expectEqual(
                try await store.many.tag("a", workspaceID: "default")?.executionCount, 3)
            try store.put(.many(.tag(.delete(tagID: "a", workspaceID: "default"))))
            for number in 1...5 as ClosedRange<Int64> {
                try expectEqual(try await tags(number, store), [])
            }
            try store.expectRefusal(
                .notFound, of: .many(.tag(.delete(tagID: "a", workspaceID: "default"))))
        },
    ]

    private static func tag(
        _ id: String, name: String, workspaceID: String = "default", limit: Int = 9
    ) -> Change {
        let made = Samples.timestamp(Samples.epoch)
        let tag = Tag(id: id, name: name, createTime: made, updateTime: made)
        return .many(.tag(.create(tag, workspaceID: workspaceID, limit: limit)))
    }

    private static func set(
        _ number: Int64, add: [String], remove: [String] = [], replacing: Bool = false,
        limit: Int = 9
    ) -> Change {
        .many(
            .tag(
                .set(
                    ExecutionNumber(rawValue: number), workspaceID: "default", add: add,
                    remove: remove, replacing: replacing, limit: limit)))
    }

    private static func tags(_ number: Int64, _ store: any Store) async throws -> [String] {
        try await store.many.tags(of: ExecutionNumber(rawValue: number)).map(\.name)
    }
}
