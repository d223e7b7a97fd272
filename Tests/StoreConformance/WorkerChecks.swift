import Model
import Store

extension ConformanceCheck {
    static let workerChecks: [ConformanceCheck] = [
        ConformanceCheck("a task is found with its body until its attempt ends, once") { store in
            let row = Samples.task(1, "job", attempt: 1)
            try store.put(.worker(.task(.insert(row))))
            try expectEqual(try await store.task(row.head.key), row)
            let other = TaskKey(number: row.head.key.number, nodePath: "job", attempt: 2)
            try expectEqual(try await store.task(other), nil)
            try store.expectRefusal(.notFound, of: .worker(.task(.end(other))))
            try store.put(.worker(.task(.withdraw(other))))
            try store.put(.worker(.task(.end(row.head.key))))
            try expectEqual(try await store.task(row.head.key), nil)
            try store.expectRefusal(.notFound, of: .worker(.task(.end(row.head.key))))
        },
        ConformanceCheck("a later attempt's task takes the place of the earlier one's") { store in
            let first = Samples.task(1, "job", attempt: 1)
            let second = Samples.task(1, "job", attempt: 2)
            try store.put(.worker(.task(.insert(first))), .worker(.task(.insert(second))))
            try expectEqual(try await store.task(first.head.key), nil)
            try expectEqual(try await store.task(second.head.key), second)
            try store.put(.worker(.task(.withdraw(second.head.key))))
            try expectEqual(try await store.task(second.head.key), nil)
        },
        ConformanceCheck("a refused end of a task refuses what goes with it") { store in
            let key = Samples.task(1, "job", attempt: 1).head.key
            try store.put(.insertExecution(Samples.execution(1)))
            let inbox = InboxRow(recipient: ExecutionNumber(rawValue: 1), body: [1])
            try store.expectRefusal(
                .notFound, of: .insertInbox(inbox), .worker(.task(.end(key))))
            try expectEqual(
                try await store.inbox(ExecutionNumber(rawValue: 1), limit: 9).count, 0)
        },
        ConformanceCheck(
            "tasks are read by priority, then in the order they were made, page by page"
        ) { store in
            let rows = [
                Samples.task(1, "a", priority: 0), Samples.task(2, "b", priority: 5),
                Samples.task(3, "c", priority: 0), Samples.task(4, "d", priority: -1),
                Samples.task(5, "e", workspaceID: "other", priority: 0),
            ]
            for row in rows { try store.put(.worker(.task(.insert(row)))) }
            var read: [String] = []
            var after: TaskPosition?
            while true {
                let page = try await store.tasks(workspaceID: nil, after: after, limit: 2)
                read += page.map(\.task.key.nodePath)
                guard let last = page.last else { break }
                after = last.position
            }
            try expectEqual(read, ["b", "a", "c", "e", "d"])
            let own = try await store.tasks(workspaceID: "default", after: nil, limit: 9)
            try expectEqual(own.map(\.task), [rows[1], rows[0], rows[2], rows[3]].map(\.head))
            let other = try await store.tasks(workspaceID: "other", after: nil, limit: 9)
            try expectEqual(other.map(\.task.key.nodePath), ["e"])
        },
        ConformanceCheck("a kind keeps when it was made, and when its schema last changed") {
            store in
            try store.put(.worker(.putKind(Samples.kind("a", schema: "", at: 1), limit: 2)))
            try store.put(.worker(.putKind(Samples.kind("a", schema: "", at: 2), limit: 2)))
            let same = try await store.kind("a", workspaceID: "default")
            try expectEqual(same, Samples.kind("a", schema: "", at: 1))
            try store.put(.worker(.putKind(Samples.kind("a", schema: "true", at: 3), limit: 2)))
            let changed = try await store.kind("a", workspaceID: "default")
            try expectEqual(changed?.schemaJSON, "true")
            try expectEqual(changed?.createdAt, Samples.time(1))
            try expectEqual(changed?.updatedAt, Samples.time(3))
            try store.put(.worker(.putKind(Samples.kind("b"), limit: 2)))
            try store.expectRefusal(
                .tooMany, of: .worker(.putKind(Samples.kind("c"), limit: 2)))
            let page = try await store.kinds(
                workspaceID: "default", after: "a", room: PageRoom(rows: 9, bytes: .max))
            try expectEqual(page.kinds.map(\.name), ["b"])
            try expectEqual(try await store.kind("a", workspaceID: "other"), nil)
            try store.put(.worker(.deleteKind(workspaceID: "default", name: "a")))
            try store.expectRefusal(
                .notFound, of: .worker(.deleteKind(workspaceID: "default", name: "a")))
        },
        ConformanceCheck("kinds come in pages of so many rows and so many bytes") { store in
            let large = "\"" + String(repeating: "x", count: 4_000) + "\""
            for name in ["a", "b", "c"] {
                try store.put(.worker(.putKind(Samples.kind(name, schema: large), limit: 9)))
            }
            for (room, names) in [
                (PageRoom(rows: 2, bytes: .max), ["a", "b"]), (PageRoom(bytes: 9_000), ["a", "b"]),
                (PageRoom(bytes: 1), ["a"]),
            ] {
                let page = try await store.kinds(workspaceID: "default", after: nil, room: room)
                try expectEqual(page.kinds.map(\.name), names)
                try expectEqual(page.hasMore, true)
            }
            let last = try await store.kinds(
                workspaceID: "default", after: "b", room: PageRoom(bytes: 1))
            try expectEqual(last.kinds.map(\.name), ["c"])
            try expectEqual(last.hasMore, false)
        },
        ConformanceCheck("a queue's limits are replaced, listed and taken away") { store in
            func queue(_ name: String, _ concurrency: Int32) -> QueueRow {
                QueueRow(
                    workspaceID: "default", name: name, concurrency: concurrency,
                    tasksPerMinute: 60)
            }
            try store.put(.worker(.putQueue(queue("b", 1), limit: 2)))
            try store.put(.worker(.putQueue(queue("a", 2), limit: 2)))
            try store.put(.worker(.putQueue(queue("b", 3), limit: 2)))
            try store.expectRefusal(.tooMany, of: .worker(.putQueue(queue("c", 1), limit: 2)))
            try expectEqual(
                try await store.queues(workspaceID: "default"), [queue("a", 2), queue("b", 3)])
            try expectEqual(try await store.queues(workspaceID: nil).count, 2)
            try expectEqual(try await store.queues(workspaceID: "other"), [])
            try store.put(.worker(.deleteQueue(workspaceID: "default", name: "a")))
            try store.expectRefusal(
                .notFound, of: .worker(.deleteQueue(workspaceID: "default", name: "a")))
        },
    ]
}

extension Samples {
    static func task(
        _ number: Int64, _ path: String, attempt: Int32 = 1, workspaceID: String = "default",
        priority: Int32 = 0
    ) -> TaskRow {
        TaskRow(
            head: TaskHead(
                key: TaskKey(
                    number: ExecutionNumber(rawValue: number), nodePath: path, attempt: attempt),
                workspaceID: workspaceID, kind: "resize", queue: "gpu", priority: priority,
                createdAt: time(number), heartbeatTimeout: .milliseconds(1_500), hasSecrets: true),
            body: [1, 2, 3])
    }

    static func kind(_ name: String, schema: String = "", at seconds: Int64 = 0) -> KindRow {
        KindRow(
            workspaceID: "default", name: name, schemaJSON: schema, registeredBy: "token:worker",
            createdAt: time(seconds), updatedAt: time(seconds))
    }
}
