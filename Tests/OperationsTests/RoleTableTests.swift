import Messages
import Testing

@testable import Operations

/// Who may do what: every operation with every role, over the real parts.
struct RoleTableTests {
    /// One operation, ready to be tried on objects that exist.
    struct Row: Sendable, CustomTestStringConvertible {
        let operation: OperationName
        let run: @Sendable (Desk, Caller, Scope) async throws -> Void

        init(
            _ operation: OperationName,
            _ run: @escaping @Sendable (Desk, Caller, Scope) async throws -> Void
        ) {
            self.operation = operation
            self.run = run
        }

        var testDescription: String { operation.rawValue }
    }

    /// What a request names.
    struct Scope: Sendable {
        var workspaceID = ""
        var podID = ""
        var finished = ""
        var suspended = ""
        var emptyWorkspaceID = "other"
    }

    static let rows: [Row] = [
        coreRows,
        secretRows,
        eventRows,
        controlRows,
        manyRows,
        lifeRows,
        workerRows,
        scheduleRows,
        webhookRows,
    ].flatMap { $0 }

    private static let coreRows: [Row] = [
        Row(.trigger) { desk, caller, scope in
            _ = try await desk.operations.triggerExecution(
                TriggerRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, workflowID: "noops"),
                by: caller)
        },
        Row(.getExecution) { desk, caller, scope in
            _ = try await desk.operations.getExecution(
                GetExecutionRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(.listExecutions) { desk, caller, scope in
            _ = try await desk.operations.listExecutions(
                ListExecutionsRequest(workspaceID: scope.workspaceID, podID: scope.podID),
                by: caller)
        },
        Row(.countExecutions) { desk, caller, scope in
            _ = try await desk.operations.countExecutions(
                CountExecutionsRequest(workspaceID: scope.workspaceID, podID: scope.podID),
                by: caller)
        },
        Row(.listNodeExecutions) { desk, caller, scope in
            _ = try await desk.operations.listNodeExecutions(
                ListNodeExecutionsRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(.getNodeExecution) { desk, caller, scope in
            _ = try await desk.operations.getNodeExecution(
                GetNodeExecutionRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished, nodePath: "n"), by: caller)
        },
        Row(.watch) { desk, caller, scope in
            _ = try await desk.operations.watchExecution(
                WatchRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(.getLogs) { desk, caller, scope in
            _ = try await desk.operations.getLogs(
                GetLogsRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(.respond) { desk, caller, scope in
            _ = try await desk.operations.respondExecution(
                RespondRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.suspended, decision: .approve), by: caller)
        },
        Row(.cancel) { desk, caller, scope in
            _ = try await desk.operations.cancelExecution(
                CancelExecutionRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.suspended), by: caller)
        },
        Row(.replay) { desk, caller, scope in
            _ = try await desk.operations.replayExecution(
                ReplayRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(.deleteExecution) { desk, caller, scope in
            _ = try await desk.operations.deleteExecution(
                DeleteExecutionRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(.putWorkflow) { desk, caller, scope in
            _ = try await desk.operations.putWorkflow(
                PutWorkflowRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    definitionJSON: Desk.noops), by: caller)
        },
        Row(.getWorkflow) { desk, caller, scope in
            _ = try await desk.operations.getWorkflow(
                GetWorkflowRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, workflowID: "noops"),
                by: caller)
        },
        Row(.listWorkflows) { desk, caller, scope in
            _ = try await desk.operations.listWorkflows(
                ListWorkflowsRequest(workspaceID: scope.workspaceID, podID: scope.podID),
                by: caller)
        },
        Row(.listWorkflowVersions) { desk, caller, scope in
            _ = try await desk.operations.listWorkflowVersions(
                ListWorkflowVersionsRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, workflowID: "noops"),
                by: caller)
        },
        Row(.deployWorkflow) { desk, caller, scope in
            _ = try await desk.operations.deployWorkflow(
                DeployWorkflowRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, workflowID: "noops"),
                by: caller)
        },
        Row(.validateWorkflow) { desk, caller, scope in
            _ = try await desk.operations.validateWorkflow(
                ValidateWorkflowRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    definitionJSON: Desk.noops), by: caller)
        },
        Row(.deleteWorkflow) { desk, caller, scope in
            _ = try await desk.operations.deleteWorkflow(
                DeleteWorkflowRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, workflowID: "noops"),
                by: caller)
        },
        Row(.createToken) { desk, caller, scope in
            _ = try await desk.operations.createToken(
                CreateTokenRequest(
                    workspaceID: scope.workspaceID, name: "new", role: .viewer), by: caller)
        },
        Row(.listTokens) { desk, caller, scope in
            _ = try await desk.operations.listTokens(
                ListTokensRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.revokeToken) { desk, caller, scope in
            _ = try await desk.operations.revokeToken(
                RevokeTokenRequest(workspaceID: scope.workspaceID, tokenID: "ci"), by: caller)
        },
        Row(.rotateToken) { desk, caller, scope in
            _ = try await desk.operations.rotateToken(
                RotateTokenRequest(workspaceID: scope.workspaceID, tokenID: "ci"), by: caller)
        },
        Row(.createWorkspace) { desk, caller, scope in
            _ = try await desk.operations.createWorkspace(
                CreateWorkspaceRequest(workspaceID: "new"), by: caller)
        },
        Row(.getWorkspace) { desk, caller, scope in
            _ = try await desk.operations.getWorkspace(
                GetWorkspaceRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.listWorkspaces) { desk, caller, _ in
            _ = try await desk.operations.listWorkspaces(ListWorkspacesRequest(), by: caller)
        },
        Row(.updateWorkspace) { desk, caller, scope in
            _ = try await desk.operations.updateWorkspace(
                UpdateWorkspaceRequest(workspaceID: scope.workspaceID, name: "Name"), by: caller)
        },
        Row(.deleteWorkspace) { desk, caller, scope in
            _ = try await desk.operations.deleteWorkspace(
                DeleteWorkspaceRequest(workspaceID: scope.emptyWorkspaceID), by: caller)
        },
        Row(.createPod) { desk, caller, scope in
            _ = try await desk.operations.createPod(
                CreatePodRequest(workspaceID: scope.workspaceID, podID: "new"), by: caller)
        },
        Row(.listPods) { desk, caller, scope in
            _ = try await desk.operations.listPods(
                ListPodsRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.renamePod) { desk, caller, scope in
            _ = try await desk.operations.renamePod(
                RenamePodRequest(workspaceID: scope.workspaceID, podID: "spare", name: "Name"),
                by: caller)
        },
        Row(.deletePod) { desk, caller, scope in
            _ = try await desk.operations.deletePod(
                DeletePodRequest(workspaceID: scope.workspaceID, podID: "spare"), by: caller)
        },
        Row(.putMember) { desk, caller, scope in
            _ = try await desk.operations.putMember(
                PutMemberRequest(
                    workspaceID: scope.workspaceID, principal: "user:eve", role: .viewer),
                by: caller)
        },
        Row(.listMembers) { desk, caller, scope in
            _ = try await desk.operations.listMembers(
                ListMembersRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.deleteMember) { desk, caller, scope in
            _ = try await desk.operations.deleteMember(
                DeleteMemberRequest(workspaceID: scope.workspaceID, principal: "user:ada"),
                by: caller)
        },
        Row(.getSettings) { desk, caller, scope in
            _ = try await desk.operations.getSettings(
                GetSettingsRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.updateSettings) { desk, caller, scope in
            _ = try await desk.operations.updateSettings(
                UpdateSettingsRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(.createStreamTicket) { desk, caller, scope in
            _ = try await desk.operations.createStreamTicket(
                executionID: scope.finished, workspaceID: scope.workspaceID, podID: scope.podID,
                by: caller)
        },
        Row(.watchWorkspace) { desk, caller, scope in
            _ = try await desk.operations.watchWorkspace(
                workspaceID: scope.workspaceID, by: caller)
        },
        Row(.listAuditEntries) { desk, caller, scope in
            _ = try await desk.operations.listAuditEntries(
                ListAuditEntriesRequest(workspaceID: scope.workspaceID), by: caller)
        },
    ]

    /// What a caller needs to be let in.
    private static func caller(_ row: Row) -> Caller {
        switch row.operation.access {
        case .role(let role): Desk.caller(role)
        case .serverAdmin: Desk.serverAdmin
        case .open, .identity: Desk.caller(.unspecified)
        }
    }

    private static func refuses(_ row: Row, _ role: Role) -> Bool {
        switch row.operation.access {
        case .role(let needed): !Authoriser.permits(role, needed)
        case .serverAdmin: true
        case .open, .identity: false
        }
    }

    /// Every operation has a row, but those that need no identity.
    @Test func `no operation is left out`() {
        let tried = Set(Self.rows.map(\.operation))
        let others = OperationName.allCases.filter { $0.access != .open && !tried.contains($0) }
        #expect(others == [])
    }

    @Test(arguments: rows)
    func `an operation needs its role, and no other`(row: Row) async throws {
        try await Desk.with { desk in
            let scope = try await Self.scope(desk)
            let nobody = await #expect(throws: OperationError.self) {
                try await row.run(desk, Caller(nil), scope)
            }
            #expect(nobody?.code == .unauthenticated)
            // The refusals first: what is allowed may erase what they are tried on.
            let roles: [Role] = [.viewer, .operator, .editor, .admin, .worker, .unspecified]
            for role in roles where Self.refuses(row, role) {
                let error = await #expect(throws: OperationError.self) {
                    try await row.run(desk, Desk.caller(role), scope)
                }
                // A workspace that is not the caller's does not exist.
                let isForeign = row.operation == .deleteWorkspace
                #expect(error?.reason == (isForeign ? "WORKSPACE_NOT_FOUND" : "ROLE_INSUFFICIENT"))
            }
            // One that would run a workflow still in use is not what this is about.
            if row.operation == .deleteWorkflow {
                _ = try await desk.operations.cancelExecution(
                    CancelExecutionRequest(executionID: scope.suspended),
                    by: Desk.caller(.operator))
            }
            try await row.run(desk, Self.caller(row), scope)
            try await Self.checkAudit(row, desk)
        }
    }

    /// What is audited leaves an entry once it was done, and one for each time that it was refused for
    /// want of a role; nothing else leaves any.
    private static func checkAudit(_ row: Row, _ desk: Desk) async throws {
        let entries = try await desk.operations.listAuditEntries(
            ListAuditEntriesRequest(operation: row.operation.rawValue, pageSize: 1_000),
            by: Desk.serverAdmin
        ).entries
        let done = entries.filter { $0.outcome == "OK" }
        #expect(done.isEmpty != row.operation.isAudited, "\(row.operation)")
        #expect(done.allSatisfy { !$0.principal.isEmpty })
        guard row.operation.isAudited, case .role = row.operation.access else { return }
        #expect(entries.contains { $0.outcome == "ROLE_INSUFFICIENT" }, "\(row.operation)")
    }

    /// Objects for every row to be tried on.
    private static func scope(_ desk: Desk) async throws -> Scope {
        let finished = try await desk.finished()
        let suspended = try await desk.suspended()
        let admin = Desk.caller(.admin)
        _ = try await desk.operations.createToken(
            CreateTokenRequest(name: "ci", role: .viewer), by: admin)
        _ = try await desk.operations.createPod(CreatePodRequest(podID: "spare"), by: admin)
        _ = try await desk.operations.putMember(
            PutMemberRequest(principal: "user:ada", role: .viewer), by: admin)
        return Scope(finished: finished.id, suspended: suspended.id)
    }

    @Test func `what is another workspace's does not exist`() async throws {
        try await Desk.with { desk in
            let finished = try await desk.finished()
            let suspended = try await desk.suspended()
            let scope = Scope(finished: finished.id, suspended: "\(suspended.number)")
            let stranger = Desk.caller(.admin, workspaceID: "other")
            let finding: Set<OperationName> = [
                .trigger, .getExecution, .listNodeExecutions, .getNodeExecution, .watch, .getLogs,
                .respond, .cancel, .replay, .deleteExecution, .getWorkflow, .listWorkflowVersions,
                .deployWorkflow, .deleteWorkflow, .createStreamTicket, .revokeToken, .rotateToken,
                .deletePod,
                .renamePod, .deleteMember, .getTag, .renameTag, .deleteTag, .getExecutionTags,
                .setExecutionTags, .getBatch, .listBatchItems, .watchBatch, .stopBatch,
                .getBulkOperation, .listBulkResults, .watchBulkOperation,
                .stopBulkOperation,
            ]
            for row in Self.rows where finding.contains(row.operation) {
                let error = await #expect(throws: OperationError.self, "\(row.operation)") {
                    try await row.run(desk, stranger, scope)
                }
                #expect(error?.code == .notFound, "\(row.operation)")
            }
            let list = try await desk.operations.listExecutions(
                ListExecutionsRequest(), by: stranger)
            #expect(list.executions.isEmpty)
            for row in Self.rows {
                guard case .role = row.operation.access else { continue }
                var elsewhere = scope
                elsewhere.workspaceID = "default"
                let error = await #expect(throws: OperationError.self, "\(row.operation)") {
                    try await row.run(desk, stranger, elsewhere)
                }
                #expect(error?.reason == "WORKSPACE_NOT_FOUND", "\(row.operation)")
            }
        }
    }

    @Test func `what is in another pod does not exist, and neither does a pod that is none`()
        async throws
    {
        try await Desk.with { desk in
            var scope = try await Self.scope(desk)
            let finding: Set<OperationName> = [
                .trigger, .getExecution, .listNodeExecutions, .getNodeExecution, .watch, .getLogs,
                .respond, .cancel, .replay, .deleteExecution, .getWorkflow, .listWorkflowVersions,
                .deployWorkflow, .deleteWorkflow, .createStreamTicket, .getExecutionTags,
                .setExecutionTags,
            ]
            for row in Self.rows where finding.contains(row.operation) {
                for podID in ["spare", "none"] {
                    scope.podID = podID
                    let error = await #expect(throws: OperationError.self, "\(row.operation)") {
                        try await row.run(desk, Desk.serverAdmin, scope)
                    }
                    #expect(error?.code == .notFound, "\(row.operation) \(podID)")
                    #expect(
                        (error?.reason == "POD_NOT_FOUND") == (podID == "none"), "\(row.operation)")
                }
            }
        }
    }
}
