import Store

extension ConformanceCheck {
    static let secretChecks: [ConformanceCheck] = [
        ConformanceCheck("a secret is found in its workspace only, and listed by name") { store in
            let rows = ["B", "A", "C"].map { Samples.secret($0) }
            for row in rows { try store.put(.secret(.put(row, limit: 3))) }
            try store.put(.secret(.put(Samples.secret("A", workspaceID: "other"), limit: 3)))
            try expectEqual(try await store.secret("B", workspaceID: "default"), rows[0])
            try expectEqual(try await store.secret("B", workspaceID: "other"), nil)
            let first = try await store.secrets(workspaceID: "default", after: nil, limit: 2)
            try expectEqual(first.map(\.name), ["A", "B"])
            let rest = try await store.secrets(workspaceID: "default", after: "B", limit: 2)
            try expectEqual(rest.map(\.name), ["C"])
        },
        ConformanceCheck("a new value keeps the time of making; one too many is refused") { store in
            try store.put(.secret(.put(Samples.secret("A", box: [1]), limit: 1)))
            try store.put(
                .secret(.put(Samples.secret("A", box: [2], at: Samples.time(9)), limit: 1)))
            let stored = try await store.secret("A", workspaceID: "default")
            try expectEqual(stored?.box, [2])
            try expectEqual(stored?.createdAt, Samples.time(0))
            try expectEqual(stored?.updatedAt, Samples.time(9))
            try store.expectRefusal(.tooMany, of: .secret(.put(Samples.secret("B"), limit: 1)))
            try store.put(.secret(.put(Samples.secret("B", workspaceID: "other"), limit: 1)))
        },
        ConformanceCheck("what an older key holds is found, and sealed again only if unchanged") {
            store in
            try store.put(.secret(.put(Samples.secret("A", key: "old", box: [1]), limit: 9)))
            try store.put(.secret(.put(Samples.secret("B", key: "new", box: [2]), limit: 9)))
            try store.put(
                .secret(.put(Samples.secret("A", workspaceID: "other", key: "old"), limit: 9)))
            let all = try await store.secrets(workspaceID: nil, notSealedBy: "new", limit: 9)
            try expectEqual(Set(all.map(\.workspaceID)), ["default", "other"])
            let own = try await store.secrets(workspaceID: "default", notSealedBy: "new", limit: 9)
            try expectEqual(own.map(\.name), ["A"])
            let resealed = Samples.secret("A", key: "new", box: [7])
            try store.put(.secret(.reseal(resealed, from: [9])))
            try expectEqual(try await store.secret("A", workspaceID: "default")?.box, [1])
            try store.put(.secret(.reseal(resealed, from: [1])))
            try expectEqual(try await store.secret("A", workspaceID: "default")?.box, [7])
        },
        ConformanceCheck("an erased secret is gone, and an unknown one is not found") { store in
            try store.put(.secret(.put(Samples.secret("A"), limit: 9)))
            try store.expectRefusal(
                .notFound, of: .secret(.delete(workspaceID: "other", name: "A")))
            try store.put(.secret(.delete(workspaceID: "default", name: "A")))
            try expectEqual(try await store.secret("A", workspaceID: "default"), nil)
        },
    ]
}
