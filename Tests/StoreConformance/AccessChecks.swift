internal import Messages
internal import Model
internal import ProtobufRuntime
internal import Store

extension ConformanceCheck {
    static let accessChecks: [ConformanceCheck] = [
        ConformanceCheck("a new store has the workspace default with the pod default") { store in
            let workspace = try await store.access.workspace("default")
            try expectEqual(workspace?.id, "default")
            try expect(ExecutionID(workspace?.uuid ?? "") != nil, workspace?.uuid ?? "none")
            try expectEqual(
                try await store.access.pod("default", workspaceID: "default")?.id, "default")
        },
        ConformanceCheck("a workspace is found by id and UUID, and is listed by id") { store in
            for id in ["b", "a"] { try store.putWorkspace(id) }
            let made = Samples.workspace("a")
            try expectEqual(try await store.access.workspace("a"), made)
            try expectEqual(try await store.access.workspace(made.uuid), made)
            try expectEqual(try await store.access.workspace("c"), nil)
            let list = try await store.access.workspaces(memberOf: nil, after: "a", limit: 1)
            try expectEqual(list.map(\.id), ["b"])
            try expectEqual(
                try await store.access.pods(workspaceID: "a", after: nil, limit: 9).map(\.id),
                ["default"])
            try store.put(.access(.renameWorkspace("a", name: "Other")))
            try expectEqual(try await store.access.workspace("a")?.name, "Other")
            try store.expectRefusal(
                .notFound, of: .access(.renameWorkspace("c", name: "Other")))
        },
        ConformanceCheck("a workspace's id and UUID are never used twice") { store in
            try store.putWorkspace("a")
            try store.expectRefusal(.nameInUse, of: Samples.insertion("a", uuidOf: "b"))
            try store.expectRefusal(.nameInUse, of: Samples.insertion("b", uuidOf: "a"))
            try store.put(.access(.deleteWorkspace("a", at: Samples.epoch)))
            try expectEqual(try await store.access.workspace("a"), nil)
            try store.expectRefusal(.nameInUse, of: Samples.insertion("a", uuidOf: "b"))
            try store.expectRefusal(
                .tooMany, of: Samples.insertion("b", uuidOf: "b", max: 1))
        },
        ConformanceCheck("a workspace is deleted when empty, with all that is in it") { store in
            try store.putWorkspace("a")
            try store.put(
                .putWorkflow(Samples.workflow("w", workspaceID: "a"), expectedLatest: nil))
            let deletion = Change.access(.deleteWorkspace("a", at: Samples.epoch))
            try store.expectRefusal(.notEmpty, of: deletion)
            try store.put(.insertExecution(Samples.execution(1, workspaceID: "a", status: .failed)))
            try store.put(.deleteWorkflow(workspaceID: "a", workflowID: "w"))
            try store.expectRefusal(.notEmpty, of: deletion)
            try store.put(.deleteExecution(ExecutionNumber(rawValue: 1)))
            let token = Samples.token("t", name: "ci", workspaceID: "a")
            let member = Samples.member("user:ada", workspaceID: "a")
            try store.put(.insertToken(token), .access(.putMember(member, max: 9)))
            try store.put(deletion)
            try expectEqual(try await store.token(secretHash: token.secretHash), nil)
            try expectEqual(try await store.access.member("user:ada", workspaceID: "a"), nil)
            try expect(
                try await store.access.pods(workspaceID: "a", after: nil, limit: 9).isEmpty)
            try store.expectRefusal(.notFound, of: deletion)
            // What was let in before the deletion.
            try store.expectRefusal(.notFound, of: .insertToken(token))
            try store.expectRefusal(
                .notFound,
                of: .putWorkflow(Samples.workflow("w", workspaceID: "a"), expectedLatest: nil))
            try store.expectRefusal(.notFound, of: .access(.putMember(member, max: 9)))
            try store.expectRefusal(
                .notFound, of: .access(.insertPod(Samples.pod("p", workspaceID: "a"), max: 9)))
        },
        ConformanceCheck("a pod is made once, renamed, and deleted when empty") { store in
            let pod = Samples.pod("p")
            try store.put(.access(.insertPod(pod, max: 9)))
            try store.expectRefusal(.nameInUse, of: .access(.insertPod(pod, max: 9)))
            try store.expectRefusal(.tooMany, of: .access(.insertPod(Samples.pod("q"), max: 2)))
            try store.put(
                .access(.renamePod(workspaceID: "default", podID: "p", name: "Other")))
            try expectEqual(
                try await store.access.pod("p", workspaceID: "default")?.name, "Other")
            try expectEqual(
                try await store.access.pods(workspaceID: "default", after: "default", limit: 9)
                    .map(\.id), ["p"])
            let deletion = Change.access(.deletePod(workspaceID: "default", podID: "p"))
            try store.put(.putWorkflow(Samples.workflow("w", podID: "p"), expectedLatest: nil))
            try store.expectRefusal(.notEmpty, of: deletion)
            try store.put(.deleteWorkflow(workspaceID: "default", workflowID: "w"))
            try store.put(deletion)
            try store.expectRefusal(.notFound, of: deletion)
            try store.expectRefusal(
                .notFound, of: .putWorkflow(Samples.workflow("w", podID: "p"), expectedLatest: nil))
        },
        ConformanceCheck("a member has the role it was given last") { store in
            try store.putWorkspace("a")
            var member = Samples.member("user:ada", workspaceID: "a")
            try store.put(.access(.putMember(member, max: 1)))
            try store.expectRefusal(
                .tooMany, of: .access(.putMember(Samples.member("user:eve"), max: 0)))
            member.role = .admin
            try store.put(.access(.putMember(member, max: 1)))
            try expectEqual(try await store.access.member("user:ada", workspaceID: "a"), member)
            try expectEqual(
                try await store.access.members(workspaceID: "a", after: nil, limit: 9), [member])
            try expectEqual(
                try await store.access.workspaces(memberOf: "user:ada", after: nil, limit: 9)
                    .map(\.id), ["a"])
            let deletion = Change.access(.deleteMember(workspaceID: "a", principal: "user:ada"))
            try store.put(deletion)
            try store.expectRefusal(.notFound, of: deletion)
        },
        ConformanceCheck("settings are kept as they were given") { store in
            try expectEqual(
                try await store.access.settings(workspaceID: "default"), WorkspaceSettings())
            let settings = WorkspaceSettings(maskingRules: [
                MaskingRule(name: "n", keys: ["password"], pattern: "x+")
            ])
            try store.put(.access(.putSettings(workspaceID: "default", settings)))
            try expectEqual(try await store.access.settings(workspaceID: "default"), settings)
            try store.expectRefusal(
                .notFound, of: .access(.putSettings(workspaceID: "none", settings)))
        },
        ConformanceCheck("a token keeps all it was made with, is rotated, and notes its use") {
            store in
            var row = Samples.token("t", name: "ci")
            row = TokenRow(
                token: row.token.with(kind: .sdk, groups: ["a", "b"], callsPerMinute: 7),
                secretHash: row.secretHash)
            try store.put(.insertToken(row))
            try expectEqual(try await store.access.token("ci", workspaceID: "default"), row)
            let rotation = Change.access(
                .rotateToken(workspaceID: "default", idOrName: "ci", secretHash: [1]))
            try store.put(rotation)
            try expectEqual(try await store.token(secretHash: row.secretHash), nil)
            try expectEqual(try await store.token(secretHash: [1])?.token, row.token)
            try store.put(
                .access(
                    .useToken(workspaceID: "default", tokenID: "t", at: Samples.time(3))))
            try expectEqual(
                try await store.access.token("t", workspaceID: "default")?.token.lastUseTime,
                Samples.timestamp(Samples.time(3)))
            try store.put(
                .revokeToken(workspaceID: "default", idOrName: "ci", at: Samples.epoch))
            try store.expectRefusal(.notFound, of: rotation)
        },
        ConformanceCheck("the audit log is filtered and paged, newest first") { store in
            for second in 1...6 as ClosedRange<Int64> {
                try store.put(
                    Samples.audit(
                        second, by: second % 2 == 0 ? "token:a" : "token:b",
                        operation: second % 3 == 0 ? "X" : "Y"))
            }
            try store.put(Samples.audit(9, by: "token:a", operation: "X", workspaceID: "other"))
            func seconds(_ query: AuditQuery) async throws -> [Int64] {
                try await store.access.auditEntries(query).map {
                    ($0.time?.seconds ?? 0) - Samples.timestamp(Samples.epoch).seconds
                }
            }
            let all = AuditQuery(workspaceID: "default", limit: 9)
            try expectEqual(try await seconds(all), [6, 5, 4, 3, 2, 1])
            try expectEqual(
                try await seconds(
                    AuditQuery(workspaceID: "default", principal: "token:a", limit: 9)), [6, 4, 2])
            try expectEqual(
                try await seconds(
                    AuditQuery(
                        workspaceID: "default", principal: "token:b", operation: "X", limit: 9)),
                [3])
            try expectEqual(
                try await seconds(
                    AuditQuery(
                        workspaceID: "default", from: Samples.time(2), before: Samples.time(5))),
                [4, 3, 2])
            var page = all
            page.limit = 2
            let first = try await store.access.auditEntries(page)
            page.after = AuditQuery.Position(
                time: Samples.time(5), id: first.last?.id ?? 0)
            try expectEqual(try await seconds(page), [4, 3])
        },
        ConformanceCheck("the audit log is bounded in number and age") { store in
            for second in 1...512 as ClosedRange<Int64> {
                try store.put(Samples.audit(second, keep: 100, since: Samples.time(second - 50)))
            }
            let query = AuditQuery(workspaceID: "default", limit: 1_000)
            try expectEqual(try await store.access.auditEntries(query).count, 51)
        },
        ConformanceCheck("a key of the server is made once") { store in
            try expectEqual(try await store.access.serverKey("k"), nil)
            try store.put(.access(.insertServerKey(name: "k", key: [1])))
            try store.put(.access(.insertServerKey(name: "k", key: [2])))
            try expectEqual(try await store.access.serverKey("k"), [1])
        },
    ]
}

extension Samples {
    static func workspace(_ id: String, uuidOf other: String? = nil) -> Workspace {
        let number = (other ?? id).utf8.reduce(0) { $0 * 256 + UInt64($1) }
        return Workspace(
            id: id, name: "Workspace \(id)",
            uuid: ExecutionID(high: 7, low: number).description, createTime: timestamp(epoch),
            createdBy: "token:root")
    }

    static func pod(_ id: String, workspaceID: String = "default") -> Pod {
        Pod(
            id: id, workspaceID: workspaceID, name: "Pod \(id)", createTime: timestamp(epoch),
            createdBy: "token:root")
    }

    static func insertion(_ id: String, uuidOf other: String? = nil, max: Int = 9) -> Change {
        .access(
            .insertWorkspace(
                workspace(id, uuidOf: other), firstPod: pod("default", workspaceID: id), max: max))
    }

    static func member(_ principal: String, workspaceID: String = "default") -> Member {
        Member(
            workspaceID: workspaceID, principal: principal, role: .viewer,
            createTime: timestamp(epoch), createdBy: "token:root")
    }

    static func audit(
        _ second: Int64, by principal: String = "token:a", operation: String = "X",
        workspaceID: String = "default", keep: Int = 1_000, since: WallTime = epoch
    ) -> Change {
        .access(
            .audit(
                AuditEntry(
                    workspaceID: workspaceID, time: timestamp(time(second)), principal: principal,
                    origin: "grpc 127.0.0.1:1", operation: operation, object: "workflow w",
                    outcome: "OK"), keep: keep, since: since))
    }
}

extension Store {
    func putWorkspace(_ id: String) throws { try put(Samples.insertion(id)) }
}

extension Token {
    func with(kind: TokenKind, groups: [String], callsPerMinute: Int32) -> Token {
        var token = self
        token.kind = kind
        token.groups = groups
        token.callsPerMinute = callsPerMinute
        return token
    }
}
