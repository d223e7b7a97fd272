import Messages
import Model
import Store

extension ConformanceCheck {
    private static func kept(_ store: any Store, workspaceID: String = "default") async throws
        -> [EventRow]
    {
        try await store.keptEvents(
            workspaceID: workspaceID, after: 0, room: PageRoom(rows: 9, bytes: .max)
        ).events
    }

    static let eventChecks: [ConformanceCheck] = [
        ConformanceCheck("an event goes to every node that waits for its name and key, once") {
            store in
            for number in 1...3 as ClosedRange<Int64> {
                try store.put(
                    .insertExecution(Samples.execution(number)))
            }
            try store.put(.event(.enlist(Samples.wait(1), since: Samples.time(0))))
            try store.put(.event(.enlist(Samples.wait(2), since: Samples.time(0))))
            try store.put(.event(.enlist(Samples.wait(3, key: "other"), since: Samples.time(0))))
            try store.put(Samples.published("a"))
            let event = try await store.event("a", workspaceID: "default")
            try expectEqual(event?.recipients.map(\.rawValue), [1, 2])
            try expectEqual(event?.dataJSON, "")
            try expectEqual(try await Samples.delivered(store, 1), ["w#1 7 token:a"])
            try expectEqual(try await Samples.delivered(store, 2), ["w#1 7 token:a"])
            try expectEqual(try await Samples.delivered(store, 3), [])
            // They wait no longer: the next is kept.
            try store.put(Samples.published("b"))
            try expectEqual(try await store.event("b", workspaceID: "default")?.recipients, [])
        },
        ConformanceCheck("an event that came early is taken once, the oldest first") { store in
            for number in 1...3 as ClosedRange<Int64> {
                try store.put(
                    .insertExecution(Samples.execution(number)))
            }
            for id in ["a", "b"] { try store.put(Samples.published(id, dataJSON: "\"\(id)\"")) }
            let kept = try await Self.kept(store)
            try expectEqual(kept.map(\.eventID), ["a", "b"])
            try expectEqual(try await Self.kept(store, workspaceID: "other"), [])
            for number in 1...3 as ClosedRange<Int64> {
                try store.put(.event(.enlist(Samples.wait(number), since: Samples.time(0))))
            }
            try expectEqual(try await Samples.delivered(store, 1), ["w#1 \"a\" token:a"])
            try expectEqual(try await Samples.delivered(store, 2), ["w#1 \"b\" token:a"])
            try expectEqual(try await Samples.delivered(store, 3), [])
            try expectEqual(try await Self.kept(store), [])
        },
        ConformanceCheck("a page of kept events ends at its rows or its bytes, and goes on") {
            store in
            let large = "\"\(String(repeating: "x", count: 10_000))\""
            for (id, dataJSON) in [("a", "1"), ("b", large), ("c", large), ("d", "2")] {
                try store.put(Samples.published(id, dataJSON: dataJSON))
            }
            try store.put(Samples.published("e", workspaceID: "other"))
            for (room, expected) in [
                (PageRoom(rows: 3, bytes: .max), [["a", "b", "c"], ["d"]]),
                (PageRoom(bytes: 12_000), [["a", "b"], ["c", "d"]]),
                (PageRoom(bytes: 1_000), [["a"], ["b"], ["c"], ["d"]]),
            ] {
                var pages: [[String]] = []
                var after: Int64 = 0
                var hasMore = true
                while hasMore {
                    let page = try await store.keptEvents(
                        workspaceID: "default", after: after, room: room)
                    pages.append(page.events.map(\.eventID))
                    after = page.events.last?.number ?? 0
                    hasMore = page.hasMore
                }
                try expectEqual(pages, expected)
            }
        },
        ConformanceCheck("an event of another workspace, or too old, is not taken") { store in
            try store.put(.insertExecution(Samples.execution(1)))
            try store.put(Samples.published("a", workspaceID: "other"))
            try store.put(Samples.published("b", at: Samples.time(1)))
            try store.put(.event(.enlist(Samples.wait(1), since: Samples.time(2))))
            try expectEqual(try await Samples.delivered(store, 1), [])
        },
        ConformanceCheck("a wait that was withdrawn gets nothing") { store in
            try store.put(.insertExecution(Samples.execution(1)))
            try store.put(.event(.enlist(Samples.wait(1), since: Samples.time(0))))
            try store.put(
                .event(.withdraw(ExecutionNumber(rawValue: 1), interruptID: "w#1")))
            try store.put(Samples.published("a"))
            try expectEqual(try await Samples.delivered(store, 1), [])
        },
        ConformanceCheck("an event that is given back is kept, or goes to who waits by then") {
            store in
            for number in 1...4 as ClosedRange<Int64> {
                try store.put(.insertExecution(Samples.execution(number)))
            }
            for number in 1...2 as ClosedRange<Int64> {
                try store.put(.event(.enlist(Samples.wait(number), since: Samples.time(0))))
            }
            try store.put(Samples.published("a"), Samples.published("b", dataJSON: "8"))
            let event = try await store.event("a", workspaceID: "default")?.number ?? 0
            func giveBack(_ number: Int64) throws {
                try store.put(
                    .event(
                        .giveBack(event, from: ExecutionNumber(rawValue: number), dataJSON: "7")))
            }
            // The other still has it.
            try giveBack(1)
            try expectEqual(try await store.event(number: event)?.recipients.map(\.rawValue), [2])
            try giveBack(2)
            let kept = try await Self.kept(store)
            try expectEqual(kept.map(\.eventID), ["a", "b"])
            try expectEqual(kept.map(\.dataJSON), ["7", "8"])
            // It is the oldest that is kept, as it was.
            try store.put(.event(.enlist(Samples.wait(3), since: Samples.time(0))))
            try expectEqual(try await Samples.delivered(store, 3), ["w#1 7 token:a"])
            try store.put(.event(.enlist(Samples.wait(1), since: Samples.time(0))))
            try store.put(.event(.enlist(Samples.wait(4), since: Samples.time(0))))
            try giveBack(3)
            try expectEqual(try await Samples.delivered(store, 4), ["w#1 7 token:a"])
            try expectEqual(try await store.event(number: event)?.recipients.map(\.rawValue), [4])
            // One that was forgotten meanwhile stays so.
            try store.put(.event(.expire(publishedBefore: Samples.time(9), limit: 10)))
            try giveBack(4)
            try expectEqual(try await store.event(number: event), nil)
        },
        ConformanceCheck("an id is used once in a workspace; limits refuse; old events go") {
            store in
            try store.put(Samples.published("a"))
            try store.expectRefusal(.nameInUse, of: Samples.published("a"))
            try store.put(Samples.published("a", workspaceID: "other"))
            try store.expectRefusal(.tooMany, of: Samples.published("b", keptMax: 1))
            for number in 1...2 as ClosedRange<Int64> {
                try store.put(
                    .insertExecution(Samples.execution(number)))
                try store.put(
                    .event(.enlist(Samples.wait(number, key: "k2"), since: Samples.time(0))))
            }
            try store.expectRefusal(
                .tooMany, of: Samples.published("c", key: "k2", deliveriesMax: 1))
            try store.put(.event(.expire(publishedBefore: Samples.time(9), limit: 10)))
            try expectEqual(try await store.event("a", workspaceID: "default"), nil)
        },
    ]
}

extension Samples {
    static func wait(_ number: Int64, key: String = "k") -> EventWait {
        EventWait(
            workspaceID: "default", name: "paid", key: key,
            number: ExecutionNumber(rawValue: number), interruptID: "w#1", nodePath: "w")
    }

    static func published(
        _ id: String, workspaceID: String = "default", key: String = "k", dataJSON: String = "7",
        at: WallTime = time(5), keptMax: Int = 9, deliveriesMax: Int = 9
    ) -> Change {
        .event(
            .publish(
                EventRow(
                    workspaceID: workspaceID, name: "paid", key: key, eventID: id, hash: [1],
                    dataJSON: dataJSON, publishedAt: at, publishedBy: "token:a"),
                keptMax: keptMax, deliveriesMax: deliveriesMax))
    }

    /// What the inbox of an execution holds of events.
    static func delivered(_ store: any Store, _ number: Int64) async throws -> [String] {
        try await store.inbox(ExecutionNumber(rawValue: number), limit: 9).map { row in
            let message = try unsafe row.body.withUnsafeBytes { bytes in
                try unsafe InboxMessage(protobufBytes: bytes)
            }
            guard case .eventDelivered(let event)? = message.kind else { return "?" }
            return "\(event.interruptID) \(event.dataJSON) \(event.publishedBy)"
        }
    }
}
