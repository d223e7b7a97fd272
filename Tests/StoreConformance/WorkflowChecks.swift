internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension ConformanceCheck {
    static let workflowChecks: [ConformanceCheck] = [
        ConformanceCheck("each put makes the next version, and every version is kept") { store in
            for version in 1...3 {
                try store.put(
                    .putWorkflow(
                        Samples.workflow(
                            "w", definition: "{\"v\":\(version)}", at: Samples.time(Int64(version))),
                        expectedLatest: Int32(version - 1)))
            }
            let newest = try await store.workflow("w", version: nil, workspaceID: "default")
            try expectEqual(
                newest,
                Workflow(
                    id: "w", workspaceID: "default", podID: "default", name: "Workflow w",
                    version: 3, latestVersion: 3, deployedVersion: 0, definitionJSON: "{\"v\":3}",
                    createTime: Samples.timestamp(Samples.time(1)),
                    updateTime: Samples.timestamp(Samples.time(3)), updatedBy: "token:editor"))
            let first = try await store.workflow("w", version: 1, workspaceID: "default")
            try expectEqual(first?.definitionJSON, "{\"v\":1}")
            try expectEqual(first?.latestVersion, 3)
            try expectEqual(try await store.workflow("w", version: 4, workspaceID: "default"), nil)
            try expectEqual(try await store.workflow("w", version: 1, workspaceID: "other"), nil)
        },
        ConformanceCheck("a put that expects another version is refused and names the newest") {
            store in
            try store.expectRefusal(
                .versionConflict(latest: 0),
                of: .putWorkflow(Samples.workflow("w"), expectedLatest: 1))
            try store.put(.putWorkflow(Samples.workflow("w"), expectedLatest: nil))
            try store.expectRefusal(
                .versionConflict(latest: 1),
                of: .putWorkflow(Samples.workflow("w"), expectedLatest: 0))
        },
        ConformanceCheck("workflows are listed by id, versions newest first, both in pages") {
            store in
            for id in ["b", "d", "a", "c"] {
                try store.put(
                    .putWorkflow(
                        Samples.workflow(id, podID: id == "d" ? "west" : "default"),
                        expectedLatest: nil))
            }
            for _ in 1...4 {
                try store.put(.putWorkflow(Samples.workflow("a"), expectedLatest: nil))
            }
            let first = try await store.workflows(
                workspaceID: "default", podID: nil, after: nil, limit: 3)
            try expectEqual(first.map(\.id), ["a", "b", "c"])
            try expectEqual(first.first?.version, 5)
            try expect(first.allSatisfy(\.definitionJSON.isEmpty))
            let rest = try await store.workflows(
                workspaceID: "default", podID: nil, after: "c", limit: 3)
            try expectEqual(rest.map(\.id), ["d"])
            let west = try await store.workflows(
                workspaceID: "default", podID: "west", after: nil, limit: 3)
            try expectEqual(west.map(\.id), ["d"])

            let newest = try await store.workflowVersions(
                "a", workspaceID: "default", before: nil, limit: 2)
            try expectEqual(newest.map(\.version), [5, 4])
            let older = try await store.workflowVersions(
                "a", workspaceID: "default", before: 4, limit: 9)
            try expectEqual(older.map(\.version), [3, 2, 1])
            try expect(older.allSatisfy { $0.definitionJSON.isEmpty && $0.latestVersion == 5 })
        },
        ConformanceCheck("a version is deployed only if it is there") { store in
            try store.put(.putWorkflow(Samples.workflow("w"), expectedLatest: nil))
            for (id, version) in [("w", 2), ("x", 1)] as [(String, Int32)] {
                try store.expectRefusal(
                    .notFound,
                    of: .deployWorkflow(workspaceID: "default", workflowID: id, version: version))
            }
            try store.put(.deployWorkflow(workspaceID: "default", workflowID: "w", version: 1))
            try store.put(.putWorkflow(Samples.workflow("w"), expectedLatest: nil))
            let workflow = try await store.workflow("w", version: nil, workspaceID: "default")
            try expectEqual(workflow?.deployedVersion, 1)
            try expectEqual(workflow?.version, 2)
        },
        ConformanceCheck("a workflow is erased with its versions once nothing of it is active") {
            store in
            let row = Samples.execution(1, workflowID: "w")
            try store.put(.putWorkflow(Samples.workflow("w"), expectedLatest: nil))
            try store.put(
                .putWorkflow(Samples.workflow("w", workspaceID: "other"), expectedLatest: nil))
            try store.put(.insertExecution(row))
            let delete = Change.deleteWorkflow(workspaceID: "default", workflowID: "w")
            try store.expectRefusal(.workflowInUse, of: delete)
            try store.put(.updateExecution(row.with(status: .completed), from: row.state))
            try store.put(delete)
            try store.expectRefusal(.notFound, of: delete)
            try expectEqual(
                try await store.workflow("w", version: nil, workspaceID: "default"), nil)
            try expect(
                try await store.workflowVersions(
                    "w", workspaceID: "default", before: nil, limit: 9
                ).isEmpty)
            try expect(try await store.get(1) != nil, "its executions stay")
            try expect(
                try await store.workflow("w", version: nil, workspaceID: "other") != nil)
        },
        ConformanceCheck("a workflow that was erased and is saved again goes on counting") { store in
            for _ in 1...3 {
                try store.put(.putWorkflow(Samples.workflow("w"), expectedLatest: nil))
            }
            let delete = Change.deleteWorkflow(workspaceID: "default", workflowID: "w")
            for version in [4, 5] as [Int32] {
                try store.put(delete)
                try expectEqual(
                    try await store.latestVersion("w", workspaceID: "default"), version - 1)
                try store.expectRefusal(
                    .versionConflict(latest: version - 1),
                    of: .putWorkflow(Samples.workflow("w"), expectedLatest: 0))
                try store.put(
                    .putWorkflow(Samples.workflow("w"), expectedLatest: version - 1))
                let saved = try await store.workflow("w", version: nil, workspaceID: "default")
                try expectEqual(saved?.version, version)
                try expectEqual(saved?.latestVersion, version)
                try expectEqual(
                    try await store.workflow("w", version: 1, workspaceID: "default"), nil)
            }
            try expectEqual(try await store.latestVersion("w", workspaceID: "other"), 0)
            try expectEqual(try await store.latestVersion("v", workspaceID: "default"), 0)
        },
        ConformanceCheck("an execution whose workflow was erased meanwhile is refused") { store in
            try store.put(.putWorkflow(Samples.workflow("w"), expectedLatest: nil))
            try store.put(.putWorkflow(Samples.workflow("v"), expectedLatest: nil))
            try store.put(.deleteWorkflow(workspaceID: "default", workflowID: "w"))
            try store.expectRefusal(
                .notFound, of: .insertExecution(Samples.execution(1, workflowID: "w")))
            try expect(try await store.get(1) == nil, "nothing of it is written")
            try store.put(.insertExecution(Samples.execution(2, workflowID: "v")))
        },
    ]
}
