import Messages
import Testing

@testable import Operations

/// Who may do what: every operation with every role, over the real parts.
struct RoleTableTests {
    /// One operation, ready to be tried on objects that exist.
    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let needed: Role
        let run: @Sendable (Desk, Caller, Scope) async throws -> Void

        var testDescription: String { name }
    }

    /// What a request names.
    struct Scope: Sendable {
        var workspaceID = ""
        var podID = ""
        var finished = ""
        var suspended = ""
    }

    static let rows: [Row] = [
        Row(name: "trigger", needed: .operator) { desk, caller, scope in
            _ = try await desk.operations.triggerExecution(
                TriggerRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, workflowID: "noops"),
                by: caller)
        },
        Row(name: "get", needed: .viewer) { desk, caller, scope in
            _ = try await desk.operations.getExecution(
                GetExecutionRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(name: "list", needed: .viewer) { desk, caller, scope in
            _ = try await desk.operations.listExecutions(
                ListExecutionsRequest(workspaceID: scope.workspaceID, podID: scope.podID),
                by: caller)
        },
        Row(name: "count", needed: .viewer) { desk, caller, scope in
            _ = try await desk.operations.countExecutions(
                CountExecutionsRequest(workspaceID: scope.workspaceID, podID: scope.podID),
                by: caller)
        },
        Row(name: "list node executions", needed: .viewer) { desk, caller, scope in
            _ = try await desk.operations.listNodeExecutions(
                ListNodeExecutionsRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(name: "get node execution", needed: .viewer) { desk, caller, scope in
            _ = try await desk.operations.getNodeExecution(
                GetNodeExecutionRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished, nodePath: "n"), by: caller)
        },
        Row(name: "watch", needed: .viewer) { desk, caller, scope in
            _ = try await desk.operations.watchExecution(
                WatchRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(name: "get logs", needed: .viewer) { desk, caller, scope in
            _ = try await desk.operations.getLogs(
                GetLogsRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(name: "respond", needed: .operator) { desk, caller, scope in
            _ = try await desk.operations.respondExecution(
                RespondRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.suspended, decision: .approve), by: caller)
        },
        Row(name: "cancel", needed: .operator) { desk, caller, scope in
            _ = try await desk.operations.cancelExecution(
                CancelExecutionRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.suspended), by: caller)
        },
        Row(name: "replay", needed: .operator) { desk, caller, scope in
            _ = try await desk.operations.replayExecution(
                ReplayRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(name: "delete", needed: .editor) { desk, caller, scope in
            _ = try await desk.operations.deleteExecution(
                DeleteExecutionRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    executionID: scope.finished), by: caller)
        },
        Row(name: "put workflow", needed: .editor) { desk, caller, scope in
            _ = try await desk.operations.putWorkflow(
                PutWorkflowRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    definitionJSON: Desk.noops), by: caller)
        },
        Row(name: "get workflow", needed: .viewer) { desk, caller, scope in
            _ = try await desk.operations.getWorkflow(
                GetWorkflowRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, workflowID: "noops"),
                by: caller)
        },
        Row(name: "list workflows", needed: .viewer) { desk, caller, scope in
            _ = try await desk.operations.listWorkflows(
                ListWorkflowsRequest(workspaceID: scope.workspaceID, podID: scope.podID),
                by: caller)
        },
        Row(name: "list workflow versions", needed: .viewer) { desk, caller, scope in
            _ = try await desk.operations.listWorkflowVersions(
                ListWorkflowVersionsRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, workflowID: "noops"),
                by: caller)
        },
        Row(name: "deploy workflow", needed: .admin) { desk, caller, scope in
            _ = try await desk.operations.deployWorkflow(
                DeployWorkflowRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, workflowID: "noops"),
                by: caller)
        },
        Row(name: "validate workflow", needed: .viewer) { desk, caller, scope in
            _ = try await desk.operations.validateWorkflow(
                ValidateWorkflowRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID,
                    definitionJSON: Desk.noops), by: caller)
        },
        Row(name: "delete workflow", needed: .editor) { desk, caller, scope in
            _ = try await desk.operations.deleteWorkflow(
                DeleteWorkflowRequest(
                    workspaceID: scope.workspaceID, podID: scope.podID, workflowID: "noops"),
                by: caller)
        },
        Row(name: "create token", needed: .admin) { desk, caller, scope in
            _ = try await desk.operations.createToken(
                CreateTokenRequest(
                    workspaceID: scope.workspaceID, name: "new", role: .viewer), by: caller)
        },
        Row(name: "list tokens", needed: .admin) { desk, caller, scope in
            _ = try await desk.operations.listTokens(
                ListTokensRequest(workspaceID: scope.workspaceID), by: caller)
        },
        Row(name: "revoke token", needed: .admin) { desk, caller, scope in
            _ = try await desk.operations.revokeToken(
                RevokeTokenRequest(workspaceID: scope.workspaceID, tokenID: "ci"), by: caller)
        },
    ]

    @Test(arguments: rows)
    func `an operation needs its role, and no other`(row: Row) async throws {
        try await Desk.with { desk in
            let finished = try await desk.finished()
            let suspended = try await desk.suspended()
            _ = try await desk.operations.createToken(
                CreateTokenRequest(name: "ci", role: .viewer), by: Desk.caller(.admin))
            let scope = Scope(finished: finished.id, suspended: suspended.id)
            let nobody = await #expect(throws: OperationError.self) {
                try await row.run(desk, Caller(nil), scope)
            }
            #expect(nobody?.code == .unauthenticated)
            // The refusals first: what is allowed may erase what they are tried on.
            let roles: [Role] = [.viewer, .operator, .editor, .admin, .worker, .unspecified]
            for role in roles where !Authoriser.permits(role, row.needed) {
                let error = await #expect(throws: OperationError.self) {
                    try await row.run(desk, Desk.caller(role), scope)
                }
                #expect(error?.reason == "ROLE_INSUFFICIENT")
            }
            // One that would run a workflow still in use is not what this is about.
            if row.name == "delete workflow" {
                _ = try await desk.operations.cancelExecution(
                    CancelExecutionRequest(executionID: suspended.id), by: Desk.caller(.operator))
            }
            try await row.run(desk, Desk.caller(row.needed), scope)
        }
    }

    @Test func `what is another workspace's does not exist`() async throws {
        try await Desk.with { desk in
            let finished = try await desk.finished()
            let suspended = try await desk.suspended()
            let scope = Scope(finished: finished.id, suspended: "\(suspended.number)")
            let stranger = Desk.caller(.admin, workspaceID: "other")
            let finding = [
                "trigger", "get", "list node executions", "get node execution", "watch",
                "get logs", "respond", "cancel", "replay", "delete", "get workflow",
                "list workflow versions", "deploy workflow", "delete workflow", "revoke token",
            ]
            for row in Self.rows where finding.contains(row.name) {
                let error = await #expect(throws: OperationError.self, "\(row.name)") {
                    try await row.run(desk, stranger, scope)
                }
                #expect(error?.code == .notFound, "\(row.name)")
            }
            let list = try await desk.operations.listExecutions(
                ListExecutionsRequest(), by: stranger)
            #expect(list.executions.isEmpty)
            for row in Self.rows {
                var elsewhere = scope
                elsewhere.workspaceID = "default"
                let error = await #expect(throws: OperationError.self, "\(row.name)") {
                    try await row.run(desk, stranger, elsewhere)
                }
                #expect(error?.reason == "WORKSPACE_NOT_FOUND", "\(row.name)")
            }
        }
    }
}
