import Messages
import ProtobufRuntime
import Testing

@testable import Operations

/// Workspaces, pods, members, settings and the audit log over the real parts.
struct AdministrationTests {
    private static let admin = Desk.caller(.admin)

    @Test func `a workflow lives in its pod, and so do its executions`() async throws {
        try await Desk.with { desk in
            let operations = desk.operations
            _ = try await operations.createPod(CreatePodRequest(podID: "sales"), by: Self.admin)
            let definition = Desk.noops.replacing("noops", with: "order")
            let saved = try await operations.putWorkflow(
                PutWorkflowRequest(podID: "sales", definitionJSON: definition), by: Self.admin)
            #expect(saved.podID == "sales")
            for podID in ["", "sales"] {
                let run = try await operations.triggerExecution(
                    TriggerRequest(
                        podID: podID, workflowID: "order", wait: ProtobufDuration(seconds: 60)),
                    by: Self.admin)
                #expect(run.execution?.podID == "sales")
            }
            let elsewhere = await #expect(throws: OperationError.self) {
                try await operations.triggerExecution(
                    TriggerRequest(podID: "default", workflowID: "order"), by: Self.admin)
            }
            #expect(elsewhere?.reason == "WORKFLOW_NOT_FOUND")
            let moved = await #expect(throws: OperationError.self) {
                try await operations.putWorkflow(
                    PutWorkflowRequest(podID: "default", definitionJSON: definition),
                    by: Self.admin)
            }
            #expect(moved?.reason == "WORKFLOW_IN_OTHER_POD")
            for (podID, count) in [("sales", 2), ("default", 0), ("", 2)] {
                let list = try await operations.listExecutions(
                    ListExecutionsRequest(podID: podID), by: Self.admin)
                #expect(list.executions.count == count, "\(podID)")
            }
            let workflows = try await operations.listWorkflows(
                ListWorkflowsRequest(podID: "sales"), by: Self.admin)
            #expect(workflows.workflows.map(\.id) == ["order"])
            let full = await #expect(throws: OperationError.self) {
                try await operations.deletePod(DeletePodRequest(podID: "sales"), by: Self.admin)
            }
            #expect(full?.reason == "POD_NOT_EMPTY")
        }
    }

    @Test func `a pod is gone at once when it is deleted`() async throws {
        try await Desk.with { desk in
            let operations = desk.operations
            _ = try await operations.createPod(CreatePodRequest(podID: "p"), by: Self.admin)
            let again = await #expect(throws: OperationError.self) {
                try await operations.createPod(CreatePodRequest(podID: "p"), by: Self.admin)
            }
            #expect(again?.reason == "POD_EXISTS")
            let renamed = try await operations.renamePod(
                RenamePodRequest(podID: "p", name: "Sales"), by: Self.admin)
            #expect(renamed.name == "Sales")
            let list = ListWorkflowsRequest(podID: "p")
            _ = try await operations.listWorkflows(list, by: Self.admin)
            _ = try await operations.deletePod(DeletePodRequest(podID: "p"), by: Self.admin)
            let gone = await #expect(throws: OperationError.self) {
                try await operations.listWorkflows(list, by: Self.admin)
            }
            #expect(gone?.reason == "POD_NOT_FOUND")
            let needed = await #expect(throws: OperationError.self) {
                try await operations.deletePod(
                    DeletePodRequest(podID: "default"), by: Self.admin)
            }
            #expect(needed?.reason == "POD_NEEDED")
            _ = try await operations.createPod(CreatePodRequest(podID: "q"), by: Self.admin)
            var request = ListPodsRequest(pageSize: 1)
            var names: [String] = []
            repeat {
                let page = try await operations.listPods(request, by: Self.admin)
                names += page.pods.map(\.id)
                request.pageToken = page.nextPageToken
            } while !request.pageToken.isEmpty
            #expect(names == ["default", "q"])
        }
    }

    @Test func `a deleted workspace's tokens work no more, and its id is not used again`()
        async throws
    {
        try await Desk.with { desk in
            let operations = desk.operations
            _ = try await operations.createWorkspace(
                CreateWorkspaceRequest(workspaceID: "acme", name: "Acme"), by: Desk.serverAdmin)
            let made = try await operations.createToken(
                CreateTokenRequest(workspaceID: "acme", name: "ci", role: .admin),
                by: Desk.serverAdmin)
            let caller = Caller(
                try await operations.authenticate(AuthenticateRequest(token: made.secret)).0
                    .principal)
            let own = try await operations.getWorkspace(GetWorkspaceRequest(), by: caller)
            #expect(own.name == "Acme")
            #expect(
                try await operations.listWorkspaces(ListWorkspacesRequest(), by: caller)
                    .workspaces.map(\.id) == ["acme"])
            _ = try await operations.deleteWorkspace(
                DeleteWorkspaceRequest(workspaceID: own.uuid), by: Desk.serverAdmin)
            let refused = await #expect(throws: OperationError.self) {
                try await operations.authenticate(AuthenticateRequest(token: made.secret)).0
            }
            #expect(refused?.reason == "TOKEN_REFUSED")
            let taken = await #expect(throws: OperationError.self) {
                try await operations.createWorkspace(
                    CreateWorkspaceRequest(workspaceID: "acme"), by: Desk.serverAdmin)
            }
            #expect(taken?.reason == "WORKSPACE_EXISTS")
        }
    }

    @Test func `workspaces are listed for those who can work in them`() async throws {
        try await Desk.with { desk in
            let operations = desk.operations
            for id in ["a", "b"] {
                _ = try await operations.createWorkspace(
                    CreateWorkspaceRequest(workspaceID: id), by: Desk.serverAdmin)
            }
            func list(_ caller: Caller) async throws -> [String] {
                var request = ListWorkspacesRequest(pageSize: 1)
                var ids: [String] = []
                repeat {
                    let page = try await operations.listWorkspaces(request, by: caller)
                    ids += page.workspaces.map(\.id)
                    request.pageToken = page.nextPageToken
                } while !request.pageToken.isEmpty
                return ids
            }
            #expect(try await list(Desk.serverAdmin) == ["a", "b", "default", "other"])
            #expect(try await list(Desk.caller(.viewer)) == ["default"])
            let ada = Caller(Principal(name: "user:ada", workspaceID: "b", role: .viewer))
            for id in ["a", "other"] {
                _ = try await operations.putMember(
                    PutMemberRequest(workspaceID: id, principal: "user:ada", role: .viewer),
                    by: Desk.serverAdmin)
            }
            #expect(try await list(ada) == ["a", "b", "other"])
        }
    }

    @Test(arguments: ["token:ci", "user:", "ada", ""])
    func `only whom everybody calls the same can be a member`(principal: String) async throws {
        try await Desk.with { desk in
            let error = await #expect(throws: OperationError.self) {
                try await desk.operations.putMember(
                    PutMemberRequest(principal: principal, role: .viewer), by: Self.admin)
            }
            #expect(error?.violations.first?.field == "principal")
        }
    }

    @Test(arguments: [
        (MaskingRule(name: "n"), "settings.masking_rules[0]"),
        (MaskingRule(name: "", keys: ["k"]), "settings.masking_rules[0].name"),
        (MaskingRule(name: "n", keys: [""]), "settings.masking_rules[0].keys[0]"),
        (MaskingRule(name: "n", pattern: "("), "settings.masking_rules[0].pattern"),
        (MaskingRule(name: "n", pattern: #"(a)\1"#), "settings.masking_rules[0].pattern"),
    ])
    func `a masking rule that cannot be applied is refused`(rule: MaskingRule, field: String)
        async throws
    {
        var check = RequestCheck()
        check.maskingRules("settings.masking_rules", [rule])
        #expect(check.violations.map(\.field).contains(field))
    }

    @Test func `settings are replaced as a whole`() async throws {
        try await Desk.with { desk in
            let settings = WorkspaceSettings(maskingRules: [
                MaskingRule(name: "card", keys: ["card"], pattern: "[0-9]{16}")
            ])
            _ = try await desk.operations.updateSettings(
                UpdateSettingsRequest(settings: settings), by: Self.admin)
            #expect(
                try await desk.operations.getSettings(
                    GetSettingsRequest(), by: Desk.caller(.viewer)) == settings)
            let twice = await #expect(throws: OperationError.self) {
                try await desk.operations.updateSettings(
                    UpdateSettingsRequest(
                        settings: WorkspaceSettings(
                            maskingRules: settings.maskingRules + settings.maskingRules)),
                    by: Self.admin)
            }
            #expect(twice?.code == .invalidArgument)
        }
    }

    @Test func `every change says who made it, from where, and what was refused`() async throws {
        try await Desk.with { desk in
            let operations = desk.operations
            let run = try await desk.suspended()
            var caller = Self.admin
            caller.origin = "ttrpc 10.0.0.7:1"
            _ = try await operations.respondExecution(
                RespondRequest(executionID: run.id, decision: .approve), by: caller)
            _ = try await operations.createPod(CreatePodRequest(podID: "p"), by: caller)
            _ = await #expect(throws: OperationError.self) {
                try await operations.deletePod(
                    DeletePodRequest(podID: "p"), by: Desk.caller(.editor))
            }
            _ = try await operations.deletePod(DeletePodRequest(podID: "p"), by: caller)
            var request = ListAuditEntriesRequest(pageSize: 2)
            var entries: [AuditEntry] = []
            repeat {
                let page = try await operations.listAuditEntries(request, by: Self.admin)
                entries += page.entries
                request.pageToken = page.nextPageToken
            } while !request.pageToken.isEmpty
            let lines = entries.prefix(4).map {
                [$0.operation, $0.object, $0.principal, $0.origin, $0.outcome]
            }
            #expect(
                lines == [
                    ["AdminService/DeletePod", "pod p", "token:admin", "ttrpc 10.0.0.7:1", "OK"],
                    ["AdminService/DeletePod", "", "token:editor", "", "ROLE_INSUFFICIENT"],
                    ["AdminService/CreatePod", "pod p", "token:admin", "ttrpc 10.0.0.7:1", "OK"],
                    [
                        "ExecutionService/Respond", "execution \(run.number)", "token:admin",
                        "ttrpc 10.0.0.7:1", "OK",
                    ],
                ])
            let refused = try await operations.listAuditEntries(
                ListAuditEntriesRequest(
                    principal: "token:editor", operation: "AdminService/DeletePod"),
                by: Self.admin)
            #expect(refused.entries.count == 1)
            // That workspaces were made is the server's concern.
            #expect(entries.last?.operation == "AdminService/CreateWorkspace")
        }
    }

    @Test func `a token is what it was made as, and its rotation ends the old secret`()
        async throws
    {
        try await Desk.with { desk in
            let operations = desk.operations
            let made = try await operations.createToken(
                CreateTokenRequest(
                    name: "ci", role: .operator, kind: .sdk, groups: ["finance"],
                    callsPerMinute: 10), by: Self.admin)
            #expect(made.secret.hasPrefix("sdk_"))
            let who = try await operations.authenticate(AuthenticateRequest(token: made.secret)).0
            #expect(who.principal?.groups == ["finance"])
            #expect(who.principal?.tokenID == made.token?.id)
            let rotated = try await operations.rotateToken(
                RotateTokenRequest(tokenID: "ci"), by: Self.admin)
            #expect(rotated.secret.hasPrefix("sdk_"))
            let old = await #expect(throws: OperationError.self) {
                try await operations.authenticate(AuthenticateRequest(token: made.secret)).0
            }
            #expect(old?.reason == "TOKEN_REFUSED")
            let new = try await operations.authenticate(
                AuthenticateRequest(token: rotated.secret)
            ).0
            #expect(new.principal == who.principal)
            let list = try await operations.listTokens(ListTokensRequest(), by: Self.admin)
            #expect(list.tokens.first?.lastUseTime != nil)
        }
    }

    @Test func `only a server admin makes a server admin, or gets hold of one's token`()
        async throws
    {
        try await Desk.with { desk in
            let operations = desk.operations
            let request = CreateTokenRequest(name: "root2", role: .admin, serverAdmin: true)
            let error = await #expect(throws: OperationError.self) {
                try await operations.createToken(request, by: Self.admin)
            }
            #expect(error?.reason == "ROLE_INSUFFICIENT")
            _ = try await operations.createToken(request, by: Desk.serverAdmin)
            let stolen = await #expect(throws: OperationError.self) {
                try await operations.rotateToken(
                    RotateTokenRequest(tokenID: "root2"), by: Self.admin)
            }
            #expect(stolen?.reason == "ROLE_INSUFFICIENT")
            var elsewhere = request
            elsewhere.workspaceID = "other"
            let misplaced = await #expect(throws: OperationError.self) {
                try await operations.createToken(elsewhere, by: Desk.serverAdmin)
            }
            #expect(misplaced?.violations.map(\.field) == ["server_admin"])
        }
    }
}
